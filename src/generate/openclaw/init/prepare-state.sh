#!/bin/sh
# Puts what Git holds into the state volume: openclaw.json, SOUL.md and the skills. What Git says wins at every start; a file
# that was edited since is put back, and the edit kept in .openclaw-pack/edits. Everything else on the volume is left alone.
#
# Usage: prepare-state.sh CONFIG WORKSPACE, the folders that hold openclaw.json and the files of the workspace.
# Environment: HOME (the volume), OPENCLAW_STATE_DIR (a folder in it).
set -eu
umask 077

state=$OPENCLAW_STATE_DIR
workspace="$state/workspace"
own="$state/.openclaw-pack"

# A folder that is a real one: the agent can write in its workspace, and a link would lead this script elsewhere.
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
    # On a full volume nothing can be written, and what is right already must not stop the start.
    if [ ! -L "$path" ] && cmp -s "$1" "$path"; then
      chmod "$3" "$path"
      continue
    fi
    # Renamed into place, so that the gateway never reads half a file; written where the agent cannot plant a link.
    cp "$1" "$own/new"
    chmod "$3" "$own/new"
    mv -f "$own/new" "$path"
  done
}

# The agent's commands write to this volume as well, and on a full one no gateway starts. So some of it is set aside while there
# is plenty, and given up by the start that needs it.
reserve="$HOME/.openclaw-pack/reserve"

room() { # MiB
  echo $(($(stat -f -c '%a * %S / 1048576' "$HOME")))
}

if [ -e "$reserve" ] && [ "$(room)" -lt 64 ]; then
  rm -f "$reserve"
  echo "the volume is full: what was set aside for that is given up; make room, and the next start sets it aside again" >&2
fi

# The volume of an older deployment, whose root was the state folder. Safe to be cut off: the next start goes on with it.
moving="$state.moving"
if [ ! -d "$state" ] && { [ -d "$moving" ] || [ -f "$HOME/openclaw.json" ]; }; then
  echo "moving the state of an older deployment to $state" >&2
  mkdir -p "$moving"
  find "$HOME" -mindepth 1 -maxdepth 1 ! -name lost+found ! -path "$moving" -exec mv -t "$moving" {} +
  # The root of a volume is its group's to write, and fsGroup made all below it so: OpenClaw's audit calls that critical.
  find "$moving" -user "$(id -u)" ! -type l -exec chmod go-rwx {} +
  mv "$moving" "$state"
fi

# A restored state takes the place of the present one, which is kept aside. Here and not at once, because here alone no gateway
# runs. Two renames, of which each leaves the next start something to go on with.
restored="$state.restored"
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
install_file "$1/openclaw.json" openclaw.json 600

# `cd -P` and ./: ConfigMap volumes hold their files behind links.
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

# Made here as the gateway's user: the docker daemon would make them as root when it mounts them.
real_folder "$workspace/.openclaw"
real_folder "$workspace/.openclaw/sandbox-skills"
real_folder "$workspace/.openclaw/sandbox-skills/skills"

# Last, so that all that is needed has come first.
if [ ! -e "$reserve" ] && [ "$(room)" -gt 1024 ]; then
  mkdir -p "$(dirname "$reserve")"
  fallocate --length 256MiB "$reserve" 2>/dev/null || rm -f "$reserve"
fi
