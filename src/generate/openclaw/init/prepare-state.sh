#!/bin/sh
# Prepares the state volume: installs a restored state, and openclaw.json from Git. Git wins at every start: a file that was edited
# on the volume is kept under another name.
#
# Usage: prepare-state.sh CONFIG [INSTEAD], the folder that holds openclaw.json. If INSTEAD has one, that one is used:
# install-plugins.sh could not verify the Discord plugin.
# Environment: HOME (the volume), OPENCLAW_STATE_DIR (a folder in it), WORKSPACES_DIR (the workspace volume).
set -eu
umask 077

state=$OPENCLAW_STATE_DIR
own="$state/.openclaw-pack"

# shellcheck disable=SC1091
. "$(dirname "$0")/files.sh"

# No gateway starts on a full volume. So some space and files are reserved while there are enough, and released by the start that
# needs them.
spare="$HOME/.openclaw-pack/reserve"

if exists "$spare" && { [ "$(free_space "$HOME")" -lt 64 ] || lacks_files "$HOME" 100; }; then
  clear_away "$spare"
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
# are a few renames, and the next start can continue after each. The workspace of the same archive goes with it.
restored="$state.restored"
# In the gateway's container the Discord plugin is mounted into the state. There a restore waits for the pod's next start.
if mountpoint -q "$state/npm"; then restored=/nonexistent; fi
workspace="$WORKSPACES_DIR/.restored"
if [ -f "$restored/.openclaw-pack-until" ]; then
  until=$(cat "$restored/.openclaw-pack-until")
  case $until in
    '' | *[!0-9]*) until=0 ;;
  esac
  if [ "$(date +%s)" -gt "$until" ]; then
    # The next backup deletes it, because that may take longer than a start should.
    late=late-restore-$(date -u +%Y%m%dT%H%M%SZ)
    mv -T "$restored" "$state.$late"
    if exists "$workspace"; then mv -T "$workspace" "$WORKSPACES_DIR/.$late"; fi
    echo "restore: a restore was not finished in time and is ignored; the state is unchanged" >&2
  else
    rm -f "$restored/.openclaw-pack-until"
  fi
fi
if [ -d "$restored" ]; then
  # prepare-workspace.sh installs it.
  if [ -d "$workspace" ]; then
    clear_away "$WORKSPACES_DIR/.incoming"
    mv -T "$workspace" "$WORKSPACES_DIR/.incoming"
  fi
  if [ -e "$state" ] || [ -L "$state" ]; then
    aside="$state.before-restore-$(date -u +%Y%m%dT%H%M%SZ)"
    mv -T "$state" "$aside"
    echo "restore: the state before it is kept as $aside" >&2
  fi
  mv -T "$restored" "$state"
  echo "restore: the restored state is in place" >&2
fi

own_folder "$state" 700
own_folder "$own" 700
own_folder "$own/installed" 700
source="$1/openclaw.json"
if [ -f "${2-}/openclaw.json" ]; then source="$2/openclaw.json"; fi
last="$own/installed/openclaw.json"
if ! is_copy "$source" "$state/openclaw.json"; then
  # A change in Git is not an edit.
  if exists "$state/openclaw.json" && ! is_copy "$last" "$state/openclaw.json"; then set_aside "$state/openclaw.json"; fi
  for path in "$state/openclaw.json" "$last"; do
    # Renamed into place, so that the gateway never reads half of it.
    new=$(mktemp "$own/new-XXXXXX")
    cp "$source" "$new"
    mv -T "$new" "$path"
  done
fi

# Last, after everything else that needs space. An earlier version's reserve was a file.
if [ ! -d "$spare" ] && [ "$(free_space "$HOME")" -gt 1024 ] && ! lacks_files "$HOME" 1000; then
  clear_away "$spare"
  mkdir -p "$(dirname "$spare")"
  reserve "$spare" 256 2>/dev/null || clear_away "$spare"
fi
