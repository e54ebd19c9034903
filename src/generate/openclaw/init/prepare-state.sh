#!/bin/sh
# Copies the files from Git to the state volume: openclaw.json, SOUL.md and the skills. Git wins at every start: a file that was
# edited on the volume is restored, and the edit is kept in .openclaw-pack/edits. Other files on the volume are not touched.
#
# Usage: prepare-state.sh CONFIG WORKSPACE [INSTEAD], the folders that hold openclaw.json and the files of the workspace. If
# INSTEAD has an openclaw.json, that one is used: install-plugins.sh could not verify the Discord plugin.
# Environment: HOME (the volume), OPENCLAW_STATE_DIR (a folder in it).
set -eu
umask 077

state=$OPENCLAW_STATE_DIR
workspace="$state/workspace"
own="$state/.openclaw-pack"

# Ensures that a path is a folder, not a link: the agent can write to its workspace, and a link would lead this script
# elsewhere.
real_folder() {
  if [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then
    keep_edit "$1" "${1#"$state"/}"
  fi
  mkdir -p "$1"
}

keep_edit() { # path name
  kept="$own/edits/$(date -u +%Y%m%dT%H%M%SZ)/$2"
  mkdir -p "$(dirname "$kept")"
  mv "$1" "$kept"
  echo "$2 was changed on the volume; the change is kept as ${kept#"$state"/}" >&2
}

install_file() { # source name mode
  target="$state/$2"
  last="$own/installed/$2"
  if [ -L "$target" ]; then
    keep_edit "$target" "$2"
  elif [ -e "$target" ] && ! cmp -s "$1" "$target" && ! cmp -s "$last" "$target"; then
    keep_edit "$target" "$2"
  fi
  mkdir -p "$(dirname "$last")"
  for path in "$target" "$last"; do
    # Skips files that are up to date, because a write would fail on a full volume and stop the start.
    if [ ! -L "$path" ] && cmp -s "$1" "$path"; then
      chmod "$3" "$path"
      continue
    fi
    # Renames the file into place, so that the gateway never reads half of it. Writes it first where the agent cannot create a
    # link.
    cp "$1" "$own/new"
    chmod "$3" "$own/new"
    mv -f "$own/new" "$path"
  done
}

# The agent's commands write to this volume too, and no gateway starts on a full volume. So some space is reserved while there
# is enough, and released by the start that needs it.
reserve="$HOME/.openclaw-pack/reserve"

room() { # MiB
  echo $(($(stat -f -c '%a * %S / 1048576' "$HOME")))
}

if [ -e "$reserve" ] && [ "$(room)" -lt 64 ]; then
  rm -f "$reserve"
  echo "the volume is full: what was set aside for that is given up; free some space, and the next start reserves it again" >&2
fi

# Migrates the volume of an older deployment, whose root was the state folder. If this is interrupted, the next start continues.
moving="$state.moving"
if [ ! -d "$state" ] && { [ -d "$moving" ] || [ -f "$HOME/openclaw.json" ]; }; then
  echo "moving the state of an older deployment to $state" >&2
  mkdir -p "$moving"
  find "$HOME" -mindepth 1 -maxdepth 1 ! -name lost+found ! -path "$moving" -exec mv -t "$moving" {} +
  # fsGroup made the volume's root and everything in it group-writable, which OpenClaw's audit reports as critical.
  find "$moving" -user "$(id -u)" ! -type l -exec chmod go-rwx {} +
  mv "$moving" "$state"
fi

# A restored state replaces the current one, which is kept. This happens here because no gateway is running at this point. There
# are two renames, and the next start can continue after either.
restored="$state.restored"
if [ -f "$restored/.openclaw-pack-until" ]; then
  until=$(cat "$restored/.openclaw-pack-until")
  case $until in
    '' | *[!0-9]*) until=0 ;;
  esac
  if [ "$(date +%s)" -gt "$until" ]; then
    # The next backup deletes it, because that may take longer than a start should.
    mv -T "$restored" "$state.late-restore-$(date -u +%Y%m%dT%H%M%SZ)"
    echo "restore: a restore was not finished in time and is ignored; the state is unchanged" >&2
  else
    rm -f "$restored/.openclaw-pack-until"
  fi
fi
if [ -d "$restored" ]; then
  if [ -e "$state" ] || [ -L "$state" ]; then
    aside="$state.before-restore-$(date -u +%Y%m%dT%H%M%SZ)"
    mv -T "$state" "$aside"
    echo "restore: the state before it is kept as $aside" >&2
  fi
  mv -T "$restored" "$state"
  echo "restore: the restored state is in place" >&2
fi

mkdir -p "$own"
chmod 700 "$state"
real_folder "$workspace"
config=$1
if [ -f "${3-}/openclaw.json" ]; then config=$3; fi
install_file "$config/openclaw.json" openclaw.json 600

# `cd -P` and ./ resolve the links of ConfigMap volumes.
cd -P "$2"
find -L . -type f ! -path './..*' | while IFS= read -r file; do
  name=${file#./}
  parent=$workspace
  folder=$(dirname "$name")
  while [ "$folder" != . ] && [ -n "$folder" ]; do
    parent="$parent/${folder%%/*}"
    real_folder "$parent"
    case $folder in
      */*) folder=${folder#*/} ;;
      *) folder=. ;;
    esac
  done
  install_file "$file" "workspace/$name" 644
done

# Creates these as the gateway's user, because the docker daemon would create them as root when it mounts them.
real_folder "$workspace/.openclaw"
real_folder "$workspace/.openclaw/sandbox-skills"
real_folder "$workspace/.openclaw/sandbox-skills/skills"

# Last, after everything else that needs space.
if [ ! -e "$reserve" ] && [ "$(room)" -gt 1024 ]; then
  mkdir -p "$(dirname "$reserve")"
  fallocate --length 256MiB "$reserve" 2>/dev/null || rm -f "$reserve"
fi
