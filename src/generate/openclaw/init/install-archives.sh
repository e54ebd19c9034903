#!/bin/sh
# Installs the archives of a table, each only with the checksum that Git pins for it, at every start. The archives stay on the
# state volume, so that a restart needs no network. They are unpacked outside it, into a folder of the pod that only this
# container can write to: what an elevated session changes on the volume is never executed, and never run to check it either.
#
# It always succeeds, and ends after DEADLINE seconds: whatever is on the volume or comes from the network, the gateway starts.
# What could not be verified is not installed.
#
# Usage: install-archives.sh TABLE FOLDER: FOLDER/NAME is the unpacked archive, and FOLDER/bin/NAME a link to its program.
# Environment: ARCHIVES_DIR (a folder of the volume), HOME and npm_config_cache (anywhere writable), DEADLINE (default 300), and
# OBSOLETE (a path on the volume to delete, for at most 20 s).
# TABLE has the name, version, architecture (or any), checksum, source and program (or -) of each archive. Next to this script:
# archive.mjs.
set -eu
umask 077

if [ "${3-}" != within-deadline ]; then
  timeout -k 5 "${DEADLINE:-300}" sh "$0" "$1" "$2" within-deadline ||
    echo "not everything could be verified and installed in time; the assistant starts with what is listed above" >&2
  exit 0
fi

here=$(dirname "$0")
folder=$2
new="$folder/.new"

case $(uname -m) in
  x86_64) machine=amd64 ;;
  aarch64) machine=arm64 ;;
  *) machine=$(uname -m) ;;
esac

# This function runs as a condition, where `set -e` is off, so each command handles its own failure.
install_archive() { # name checksum source program
  rm -rf "$new" || return
  mkdir -p "$new/files" || return
  node "$here/archive.mjs" "$ARCHIVES_DIR/$1.tgz" "$3" "$new/archive" "$2" || return
  tar -xzf "$new/archive" -C "$new/files" --no-same-owner --no-same-permissions || return
  if [ "$4" != - ] && { [ -L "$new/files/$4" ] || [ ! -f "$new/files/$4" ] || [ ! -x "$new/files/$4" ]; }; then
    echo "$3 does not contain the program $4" >&2
    return 1
  fi
  mv -T "$new/files" "$folder/$1" || return
  # Last, so that a program on the PATH is complete.
  if [ "$4" != - ]; then ln -s "../$1/$4" "$folder/bin/$1" || return; fi
}

# The pod's node may have restarted while this ran.
find "$folder" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
mkdir "$folder/bin"

names=
while read -r name version architecture checksum source program <&3; do
  [ "$architecture" = "$machine" ] || [ "$architecture" = any ] || continue
  names="$names $name"
  if install_archive "$name" "$checksum" "$source" "$program"; then
    echo "$name $version is verified and installed"
  else
    echo "$name $version could not be verified and installed, so it is missing until a start succeeds with it" >&2
  fi
done 3<"$1"
[ -n "$names" ] || echo "nothing is available for $machine; the assistant starts without it" >&2
rm -rf "$new" "${npm_config_cache:?}"

if [ -n "${OBSOLETE-}" ] && { [ -e "$OBSOLETE" ] || [ -L "$OBSOLETE" ]; }; then
  # Folders without rights, too. The next start continues with what is left.
  # shellcheck disable=SC2016 # the inner shell expands it
  timeout -k 2 20 sh -c 'if [ -d "$1" ] && [ ! -L "$1" ]; then chmod -R u+rwX "$1"; fi; rm -rf "$1"' sh "$OBSOLETE" >/dev/null 2>&1 || :
fi
