#!/bin/sh
# Installs the tools of the table, each at its pinned version and only with its pinned checksum, once. They stay on the state
# volume, so that a restart needs no network. A tool that could not be installed is reported and left unchanged: a registry that
# is down or compromised must neither stop the assistant nor change what it runs. The next start tries again.
#
# It always succeeds, and ends after DEADLINE seconds: whatever is on the volume or comes from the network, the gateway starts.
#
# Environment: TOOLS_DIR (a folder of the volume), HOME and npm_config_cache (anywhere writable), DEADLINE (default 300) and
# CHECK_SECONDS (for the check of one program, default 30).
# Next to this script: tools.txt (name, version, architecture, checksum, source and program of each tool) and download.mjs.
set -eu
umask 077

if [ "${1-}" != within-deadline ]; then
  timeout -k 5 "${DEADLINE:-300}" sh "$0" within-deadline ||
    echo "the tools could not be checked or installed in time; the assistant starts with those that are there" >&2
  exit 0
fi

here=$(dirname "$0")
tools=$TOOLS_DIR
output=$(mktemp)
new="$tools/.new"

case $(uname -m) in
  x86_64) machine=amd64 ;;
  aarch64) machine=arm64 ;;
  *) machine=$(uname -m) ;;
esac

# The program on the volume may have been replaced, so it gets little time and space. Its output goes to a file, because a child
# could hold a pipe open.
works() { # program version
  [ -x "$1" ] || return
  (ulimit -f 64 && exec timeout -k 2 "${CHECK_SECONDS:-30}" "$1" --version </dev/null >"$output" 2>/dev/null) && grep -qwF "$2" "$output"
}

# Deletes folders without rights, too.
delete() { # path
  if [ -d "$1" ] && [ ! -L "$1" ]; then chmod -R u+rwX "$1" 2>/dev/null; fi
  rm -rf "$1"
}

# This function runs as a condition, where `set -e` is off, so each command handles its own failure.
install_tool() { # name version checksum source program
  target="$tools/$1-$2"
  if ! works "$target/$5" "$2"; then
    url=$4
    case $url in
      npm:*)
        # Uses npm's configured registry, which may be a mirror.
        registry=$(npm config get registry) || return
        url="${registry%/}/${url#npm:}"
        ;;
    esac
    # On the volume, because /tmp is in memory.
    delete "$new" || return
    mkdir -p "$new/files" || return
    node "$here/download.mjs" "$url" "$new/archive" "$3" || return
    tar -xzf "$new/archive" -C "$new/files" || return
    if ! works "$new/files/$5" "$2"; then
      echo "$5 in $url is not $1 $2, or does not run here" >&2
      return 1
    fi
    # Syncs to disk before the rename, so that a folder with this name is complete even after a power failure.
    sync -f "$new/files" || return
    delete "$target" || return
    mv -T "$new/files" "$target" || return
    echo "$1 $2 is installed"
  fi
  delete "$new" || return
  mkdir "$new" || return
  ln -s "../$1-$2/$5" "$new/link" || return
  # A rename cannot replace a folder, and it never follows a link.
  link="$tools/bin/$1"
  if [ ! -L "$link" ]; then delete "$link" || return; fi
  mv -fT "$new/link" "$link" || return
  for old in "$tools/$1"-[0-9]*; do
    if [ "$old" != "$target" ]; then delete "$old" || return; fi
  done
}

for folder in "$tools" "$tools/bin"; do
  if [ -L "$folder" ] || { [ -e "$folder" ] && [ ! -d "$folder" ]; }; then rm -f "$folder"; fi
  mkdir -p "$folder"
  chmod u+rwx "$folder"
done

names=
while read -r name version architecture checksum source program <&3; do
  [ "$architecture" = "$machine" ] || continue
  names="$names $name"
  if install_tool "$name" "$version" "$checksum" "$source" "$program"; then continue; fi
  left="no version is installed"
  if [ -x "$tools/bin/$name" ]; then left="$(readlink "$tools/bin/$name" | cut -d / -f 2) is kept"; fi
  echo "$name $version could not be installed: $left; the next start tries again" >&2
done 3<"$here/tools.txt"
[ -n "$names" ] || echo "no tool is available for $machine; the assistant starts without tools" >&2
delete "$new"
rm -rf "$output" "${npm_config_cache:?}"
