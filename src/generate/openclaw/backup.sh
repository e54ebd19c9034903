#!/bin/sh
# Archives OpenClaw's state with OpenClaw's own `backup` command: the state is SQLite, and a copy of a live file can be corrupt.
#
#   create         creates an archive while the gateway runs, verifies it, and keeps the newest KEEP
#   list           prints the name and size of each archive, the newest first
#   drill NAME     restores an archive into a folder of this pod and reads it there; touches nothing else
#   prepare NAME [MINUTES]
#                  restores an archive next to the current state; prepare-state.sh installs it if the gateway starts within
#                  MINUTES, or whenever it starts next if they are left out
#   cancel         removes a state that `prepare` has put there
#
# NAME may be "latest".
#
# Environment: BACKUP_DIR, KEEP, OPENCLAW_STATE_DIR and other variables that OpenClaw reads. Runs in OpenClaw's folder.
set -eu
umask 077

# A private folder for the copies of the databases, because fsGroup makes /tmp itself group-writable.
TMPDIR=$(mktemp -d)
export TMPDIR
partial=$TMPDIR
trap 'rm -rf "$TMPDIR" "$partial"' EXIT

archives() {
  find "$BACKUP_DIR" -maxdepth 1 -type f -name 'openclaw-*.tar.gz' | sort -r
}

# A full volume stops the gateway, which is worse than a missing archive.
need_room() { # KiB what
  free=$(df -Pk "$BACKUP_DIR" | awk 'NR == 2 { print $4 }')
  [ "$free" -lt "$1" ] || return 0
  echo "no room on the state volume for $2: it may need $(($1 / 1024)) MiB, and $((free / 1024)) MiB are free;" \
    "lower backup.keep or raise cluster.storageSize" >&2
  exit 1
}

# An archive receives its name only once it is verified, and only then are older ones deleted, so a failed run deletes nothing.
create() {
  if [ ! -d "$OPENCLAW_STATE_DIR" ]; then
    echo "no state to back up in $OPENCLAW_STATE_DIR" >&2
    exit 1
  fi
  find "$BACKUP_DIR" -mindepth 1 -maxdepth 1 -name '.making.*' -mmin +60 -exec rm -rf {} +
  # Restores that were killed, and states that came too late for a start.
  find "$restoring" -maxdepth 0 -mmin +60 -exec rm -rf {} + 2>/dev/null || true
  rm -rf "$OPENCLAW_STATE_DIR".late-restore-*
  # Excludes npm/, which OpenClaw does not archive. The compressed archive will be smaller.
  need_room "$(du -sk --exclude=npm "$OPENCLAW_STATE_DIR" | cut -f1)" "another archive"
  name="openclaw-$(date -u +%Y%m%dT%H%M%SZ).tar.gz"
  partial=$(mktemp -d "$BACKUP_DIR/.making.XXXXXX")
  node openclaw.mjs backup create --verify --output "$partial/$name"
  mv "$partial/$name" "$BACKUP_DIR/$name"
  echo "$name is created and verified"
  archives | tail -n "+$((KEEP + 1))" | while IFS= read -r old; do
    rm -f "$old"
    echo "${old##*/} is deleted; the newest $KEEP are kept"
  done
}

list() {
  archives | while IFS= read -r archive; do
    printf '%s %s\n' "${archive##*/}" "$(wc -c <"$archive")"
  done
}

# OpenClaw refuses a broken archive before it writes anything. Its output for a valid archive explains manual steps that are not
# needed here.
restore_into() { # name target
  node openclaw.mjs backup restore "$BACKUP_DIR/$1" --target "$2" --json >/dev/null
}

# Prints the path of the state in a restored archive, from the archive's manifest.
state_in() { # target
  node -e '
    const { readFileSync, readdirSync } = require("node:fs");
    const { join } = require("node:path");
    const target = process.argv[1];
    const manifest = JSON.parse(readFileSync(join(target, readdirSync(target)[0], "manifest.json"), "utf8"));
    console.log(join(target, manifest.assets.find(({ kind }) => kind === "state").archivePath));
  ' "$1"
}

drill() { # name
  restore_into "$1" "$TMPDIR/drill"
  state=$(state_in "$TMPDIR/drill")
  sessions=$(OPENCLAW_STATE_DIR="$state" OPENCLAW_CONFIG_PATH="$state/openclaw.json" \
    node openclaw.mjs sessions --all-agents --json |
    node -e 'console.log(JSON.parse(require("node:fs").readFileSync(0, "utf8")).totalCount)')
  echo "$1 restores: $sessions sessions, $(find "$state/workspace" -type f | wc -l) files in the workspace"
}

restoring="$OPENCLAW_STATE_DIR.restoring"
restored="$OPENCLAW_STATE_DIR.restored"

# Without a deadline, a restore that was called off or failed would roll the state back at some later start.
prepare() { # name minutes
  rm -rf "$restoring"
  need_room "$(($(gzip -dc "$BACKUP_DIR/$1" | wc -c) / 1024))" "the restored state"
  restore_into "$1" "$restoring"
  # An earlier restore that was never installed is only a copy of an archive.
  rm -rf "$restored"
  state=$(state_in "$restoring")
  # A deadline in the archive is not this restore's.
  rm -rf "$state/.openclaw-pack-until"
  when="the gateway's next start installs it"
  if [ -n "$2" ]; then
    # In the folder, so that a rename arms it with its deadline, and no deadline outlives its state.
    echo "$(($(date +%s) + $2 * 60))" >"$state/.openclaw-pack-until"
    when="a start of the gateway within $2 min installs it"
  fi
  mv "$state" "$restored"
  rm -rf "$restoring"
  echo "$1 is ready; $when"
}

cancel() {
  if [ ! -d "$restored" ]; then
    echo "no restore is pending"
    return
  fi
  # Renamed first, so that a start of the gateway finds all of it or nothing.
  rm -rf "$restoring"
  mv -T "$restored" "$restoring"
  rm -rf "$restoring"
  echo "the pending restore is cancelled; the state was not changed"
}

mkdir -p "$BACKUP_DIR"
case $1 in
  create | list | cancel) "$1" ;;
  drill | prepare)
    name=$2
    if [ "$name" = latest ]; then name=$(list | head -n 1 | cut -d ' ' -f 1); fi
    if [ -z "$name" ] || [ ! -f "$BACKUP_DIR/$name" ]; then
      echo "no archive $2 on the state volume; expected one of: $(list | cut -d ' ' -f 1 | tr '\n' ' ')" >&2
      exit 1
    fi
    "$1" "$name" "${3-}"
    ;;
esac
