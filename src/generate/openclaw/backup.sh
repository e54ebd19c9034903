#!/bin/sh
# Archives of OpenClaw's state, by OpenClaw's own `backup` command: the state is SQLite, which no copy of a live file catches.
#
#   create         makes one beside the running gateway, verifies it, and keeps the newest KEEP
#   list           name and size of each, the newest first
#   drill NAME     restores one into a folder of this pod and reads it there; touches nothing else
#   prepare NAME   restores one beside the present state; prepare-state.sh puts it in place at the gateway's next start
#
# NAME may be "latest".
#
# Environment: BACKUP_DIR, KEEP, OPENCLAW_STATE_DIR and what else OpenClaw reads. The working directory is OpenClaw's.
set -eu
umask 077

# A folder of its own for the copies of the databases: with fsGroup /tmp itself is writable by its group.
TMPDIR=$(mktemp -d)
export TMPDIR
making=$TMPDIR
trap 'rm -rf "$TMPDIR" "$making"' EXIT

archives() {
  find "$BACKUP_DIR" -maxdepth 1 -type f -name 'openclaw-*.tar.gz' | sort -r
}

# A volume that is full stops the gateway, which is worse than a missing archive.
need_room() { # KiB what
  free=$(df -Pk "$BACKUP_DIR" | awk 'NR == 2 { print $4 }')
  [ "$free" -lt "$1" ] || return 0
  echo "no room on the state volume for $2: it may take $(($1 / 1024)) MiB, and $((free / 1024)) MiB are free;" \
    "lower backup.keep or raise cluster.storageSize" >&2
  exit 1
}

# Archives get their name only when they are verified, and older ones go only then: a failing run leaves all that there were.
create() {
  if [ ! -d "$OPENCLAW_STATE_DIR" ]; then
    echo "there is no state to back up in $OPENCLAW_STATE_DIR" >&2
    exit 1
  fi
  find "$BACKUP_DIR" -mindepth 1 -maxdepth 1 -name '.making.*' -mmin +60 -exec rm -rf {} +
  # Not npm/, which OpenClaw leaves out; compressed it will be less.
  need_room "$(du -sk --exclude=npm "$OPENCLAW_STATE_DIR" | cut -f1)" "another archive"
  name="openclaw-$(date -u +%Y%m%dT%H%M%SZ).tar.gz"
  making=$(mktemp -d "$BACKUP_DIR/.making.XXXXXX")
  node openclaw.mjs backup create --verify --output "$making/$name"
  mv "$making/$name" "$BACKUP_DIR/$name"
  echo "$name is made and verified"
  archives | tail -n "+$((KEEP + 1))" | while IFS= read -r old; do
    rm -f "$old"
    echo "${old##*/} is removed: the newest $KEEP stay"
  done
}

list() {
  archives | while IFS= read -r archive; do
    printf '%s %s\n' "${archive##*/}" "$(wc -c <"$archive")"
  done
}

# OpenClaw refuses a broken archive before it writes anything; what it has to say of a whole one is for those who go on by hand.
restore_into() { # name target
  node openclaw.mjs backup restore "$BACKUP_DIR/$1" --target "$2" --json >/dev/null
}

# Where the state lies in a restored archive; its own manifest knows.
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

prepare() { # name
  restoring="$OPENCLAW_STATE_DIR.restoring"
  restored="$OPENCLAW_STATE_DIR.restored"
  rm -rf "$restoring"
  need_room "$(($(gzip -dc "$BACKUP_DIR/$1" | wc -c) / 1024))" "the restored state"
  restore_into "$1" "$restoring"
  # An earlier restore that no start has taken up is but a copy of an archive.
  rm -rf "$restored"
  mv "$(state_in "$restoring")" "$restored"
  rm -rf "$restoring"
  echo "$1 is ready; the gateway's next start takes it up"
}

mkdir -p "$BACKUP_DIR"
case $1 in
  create | list) "$1" ;;
  drill | prepare)
    name=$2
    if [ "$name" = latest ]; then name=$(list | head -n 1 | cut -d ' ' -f 1); fi
    if [ -z "$name" ] || [ ! -f "$BACKUP_DIR/$name" ]; then
      echo "no archive $2 on the state volume; there are: $(list | cut -d ' ' -f 1 | tr '\n' ' ')" >&2
      exit 1
    fi
    "$1" "$name"
    ;;
esac
