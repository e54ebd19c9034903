#!/bin/sh
# Archives OpenClaw's state with OpenClaw's own `backup` command, because the state is SQLite and a copy of a live file can be
# corrupt, and the agent's workspace with tar. Both archives of a run have its time in their names. An archive that a restore test
# has read back is good, and is moved to the folder `good`; only good archives are copied to S3.
#
#   create         creates both archives while the gateway runs, tests them, and deletes old ones
#   report         fails if the `create` of this pod has failed in part, and says why
#   list           prints each archive, the newest first: name, bytes, good or untested, bytes of its workspace or "-"
#   drill NAME     restores an archive into a scratch folder and reads it there; touches nothing else
#   prepare NAME [MINUTES]
#                  restores an archive next to the current state and workspace; prepare-state.sh installs them if the gateway starts
#                  within MINUTES, or whenever it starts next if they are left out
#   cancel         removes what `prepare` has put there
#
# NAME is that of the state's archive, or "latest", the newest good one. The workspace's archive belongs to it. An archive without
# one is of an older deployment, whose workspace is in the state.
#
# Environment: BACKUP_DIR (the archives' volume), OLD_BACKUP_DIR (archives of older deployments), KEEP, HOME, WORKSPACES_DIR,
# GATEWAY_ENTRIES (names in the workspace that come from Git), EXCHANGE_DIR (what archive-workspace.sh provides), FAILURES (where
# `create` leaves its failures for `report`; without it, it exits with 1), and variables that OpenClaw reads. Runs in OpenClaw's folder.
set -eu
umask 077
# Names are bytes, and sort as such.
export LC_ALL=C

if [ "$1" = report ]; then
  [ -s "$FAILURES" ] || exit 0
  cat "$FAILURES"
  exit 1
fi

good="$BACKUP_DIR/good"
restoring="$OPENCLAW_STATE_DIR.restoring"
restored="$OPENCLAW_STATE_DIR.restored"
workspace_restoring="$WORKSPACES_DIR/.restoring"
workspace_restored="$WORKSPACES_DIR/.restored"

# The restored files of an agent can be in folders without rights.
delete() { # path...
  for doomed in "$@"; do
    if [ -d "$doomed" ] && [ ! -L "$doomed" ]; then chmod -R u+rwX "$doomed" 2>/dev/null || true; fi
    rm -rf "$doomed"
  done
}

workspace_of() { # name
  echo "${1%.tar.gz}.workspace.tar.gz"
}

# Prints the names of the archives in a folder, the newest first. Only regular files count, with a name that `create` could have
# chosen, and whose time is not in the future.
archives() { # folder [suffix]
  [ -d "$1" ] || return 0
  find "$1" -maxdepth 1 -type f -regextype posix-extended -regex ".*/openclaw-[0-9]{8}T[0-9]{6}Z${2-}\\.tar\\.gz" -printf '%f\n' |
    awk -v now="openclaw-$(date -u +%Y%m%dT%H%M%SZ)" 'substr($0, 1, length(now)) <= now' | sort -r
}

# Prints the path of an archive, if it exists.
find_archive() { # name
  for folder in "$good" "$BACKUP_DIR"; do
    if [ -f "$folder/$1" ] && [ ! -L "$folder/$1" ]; then
      echo "$folder/$1"
      return
    fi
  done
}

free_space() { # folder
  df -Pk "$1" | awk 'NR == 2 { print $4 }'
}

need_room() { # folder KiB what advice
  free=$(free_space "$1")
  [ "$free" -lt "$2" ] || return 0
  echo "no room for $3: it may need $(($2 / 1024)) MiB, and $((free / 1024)) MiB are free; $4" >&2
  exit 1
}

MORE_ROOM="lower backup.keep or raise backup.storageSize"

# The size of an archive's content in KiB. Holes of sparse files count only in archives of OpenClaw, which contain them as zeros.
content_size() { # path
  echo $(($(gzip -dc "$1" | wc -c) / 1024))
}

# --- archives of the state

# OpenClaw refuses a broken archive before it writes anything. Its output for a valid archive explains manual steps that are not
# needed here.
restore_into() { # path target
  node openclaw.mjs backup restore "$1" --target "$2" --json >/dev/null
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

drill_state() { # path
  need_room "$BACKUP_DIR" "$(content_size "$1")" "a restore test of ${1##*/}" "$MORE_ROOM"
  restore_into "$1" "$TMPDIR/drill"
  state=$(state_in "$TMPDIR/drill")
  sessions=$(OPENCLAW_STATE_DIR="$state" OPENCLAW_CONFIG_PATH="$state/openclaw.json" \
    node openclaw.mjs sessions --all-agents --json |
    node -e 'console.log(JSON.parse(require("node:fs").readFileSync(0, "utf8")).totalCount)')
  inside=
  if [ -d "$state/workspace" ]; then inside=", $(find "$state/workspace" -type f | wc -l) files in the workspace"; fi
  delete "$TMPDIR/drill"
  echo "${1##*/} restores: $sessions sessions$inside"
}

# --- archives of the workspace

# Prints the number of files, folders and links, and the bytes of the files.
TOTALS='{ printf "%.0f files, %.0f folders, %.0f links, %.0f bytes\n", files, folders, links, bytes }'

# Runs tar on an archive of the workspace, without what comes from Git.
workspace_tar() { # path option...
  archive=$1
  shift
  for entry in $GATEWAY_ENTRIES; do set -- "$@" --exclude="./$entry"; done
  tar --gzip --file="$archive" --anchored --no-wildcards "$@"
}

# Unpacks into a folder that exists and is private. Without --same-permissions no file gets a setuid bit, and with this umask each
# keeps its other permissions. tar does not write through links of the archive.
unpack() { # path folder
  if tar --list --gzip --file="$1" | grep -qE '^/|(^|/)\.\.(/|$)'; then
    echo "${1##*/} contains a path that leaves the workspace" >&2
    exit 1
  fi
  (umask 0 && workspace_tar "$1" --extract --directory="$2" --no-same-owner --no-same-permissions)
}

drill_workspace() { # path
  need_room "$BACKUP_DIR" "$(content_size "$1")" "a restore test of ${1##*/}" "$MORE_ROOM"
  listed=$(workspace_tar "$1" --list --verbose --numeric-owner | awk '
    /^[-h]/ { files++ } /^-/ { bytes += $3 } /^d/ && !(NF == 6 && $6 == "./") { folders++ } /^l/ { links++ } END '"$TOTALS")
  mkdir "$TMPDIR/workspace"
  unpack "$1" "$TMPDIR/workspace"
  chmod -R u+rwX "$TMPDIR/workspace"
  found=$(find "$TMPDIR/workspace" -mindepth 1 -printf '%y %i %s\n' | awk '
    /^f/ { files++; if (!($2 in seen)) { seen[$2]; bytes += $3 } } /^d/ { folders++ } /^l/ { links++ } END '"$TOTALS")
  delete "$TMPDIR/workspace"
  if [ "$found" != "$listed" ]; then
    echo "${1##*/} contains $listed, but restores $found" >&2
    exit 1
  fi
  echo "${1##*/} restores: $found"
}

# --- create

# A part that fails neither ends the others nor leaves its half-done work. Each is a process of its own, because `set -e` is off in a
# function whose status is tested.
part() { # limit-in-seconds part argument...
  limit=$1
  shift
  IS_PART=1 timeout -k 10 "$limit" sh "$0" "$@"
}

failed() { # message
  failures="$failures$1
"
  echo "$1" >&2
}

create_state() { # name
  if [ ! -d "$OPENCLAW_STATE_DIR" ]; then
    echo "no state to back up in $OPENCLAW_STATE_DIR" >&2
    exit 1
  fi
  # Excludes npm/, which OpenClaw does not archive, and adds the databases, which it copies first. The archive will be smaller.
  databases=$(find "$OPENCLAW_STATE_DIR" -name npm -prune -o -type f -name '*.sqlite*' -printf '%k\n' | awk '{ sum += $1 } END { print sum + 0 }')
  need_room "$BACKUP_DIR" "$(($(du -sk --exclude=npm "$OPENCLAW_STATE_DIR" | cut -f1) + databases))" "another archive" "$MORE_ROOM"
  mkdir "$TMPDIR/archive"
  # The workspace has its own archive. It is outside the state, and OpenClaw would refuse it for a single link or pipe.
  node openclaw.mjs backup create --verify --no-include-workspace --output "$TMPDIR/archive/$1"
  mv "$TMPDIR/archive/$1" "$BACKUP_DIR/$1"
  echo "$1 is created and verified"
}

# Waits for a file of archive-workspace.sh.
await() { # name
  for _ in $(seq 600); do
    if [ -f "$EXCHANGE_DIR/$1" ]; then return; fi
    if [ -f "$EXCHANGE_DIR/ended" ] && [ ! -f "$EXCHANGE_DIR/$1" ]; then return 1; fi
    sleep 0.5
  done
  return 1
}

# Prints a file of archive-workspace.sh, whose container has read hostile files.
print_from() { # name
  if [ -f "$EXCHANGE_DIR/$1" ]; then head -c 8192 "$EXCHANGE_DIR/$1" | tr -c '\n -~' '?'; fi
}

create_workspace() { # name
  if ! await size; then
    echo "nothing archives the workspace; see the log of the container archive-workspace" >&2
    exit 1
  fi
  allocated=$(print_from size | sed -n 1p)
  apparent=$(print_from size | sed -n 2p)
  case $allocated$apparent in
    '' | *[!0-9]*)
      echo "the size of the workspace is unknown" >&2
      exit 1
      ;;
  esac
  if [ "$apparent" -gt $((2 * allocated + 1048576)) ]; then
    echo "the workspace has sparse files: it occupies $((allocated / 1024)) MiB and appears as $((apparent / 1024)) MiB"
  fi
  need_room "$BACKUP_DIR" "$allocated" "an archive of the workspace" "$MORE_ROOM, or delete files of the workspace"
  # shellcheck disable=SC2016
  sh -c 'exec gzip -c <"$1" >"$2"' sh "$EXCHANGE_DIR/pipe" "$TMPDIR/workspace.tar.gz"
  archived=
  if await status; then archived=$(print_from status); fi
  print_from skipped | sed 's/^/not archived: /'
  print_from errors >&2
  # tar exits with 1 if a file has changed while it was read.
  case $archived in
    0 | 1) ;;
    *)
      echo "the workspace could not be read completely" >&2
      exit 1
      ;;
  esac
  mv "$TMPDIR/workspace.tar.gz" "$BACKUP_DIR/$1"
  echo "$1 is created"
}

# Deletes a copy of the workspace that prepare-workspace.sh has left on the state volume, once an archive contains the workspace.
delete_moved_workspace() {
  for old in "$HOME"/.workspace-moved-*; do
    if [ ! -d "$old" ] || [ -L "$old" ]; then continue; fi
    delete "$old"
    echo "$old is deleted; the workspace is on its own volume, and in an archive"
  done
}

# Moves the archives of an older deployment from the state volume, once: later files there are not archives. The gateway could
# write there, so only regular files count. One that was interrupted is done again.
move_old() {
  if [ -f "$BACKUP_DIR/.moved" ]; then return; fi
  archives "$OLD_BACKUP_DIR" >"$TMPDIR/old"
  newest=
  while read -r name <&3; do
    if [ -z "$(find_archive "$name")" ]; then
      size=$(stat -c %s "$OLD_BACKUP_DIR/$name")
      need_room "$BACKUP_DIR" "$((size / 1024))" "$name of an older deployment" "$MORE_ROOM, and the next backup moves it"
      dd if="$OLD_BACKUP_DIR/$name" iflag=nofollow of="$TMPDIR/moving" bs=1M status=none
      mv "$TMPDIR/moving" "$BACKUP_DIR/$name"
      echo "$name is moved here from the state volume"
    fi
    newest=${newest:-$name}
    rm -f "$OLD_BACKUP_DIR/$name"
  done 3<"$TMPDIR/old"
  : >"$BACKUP_DIR/.moved"
  # Until there are newer ones, it may be the only good archive with an earlier state.
  if [ -n "$newest" ] && [ -f "$BACKUP_DIR/$newest" ]; then
    drill_state "$BACKUP_DIR/$newest"
    mv "$BACKUP_DIR/$newest" "$good/$newest"
  fi
}

# The newest KEEP good archives stay, and the newest whose workspace is good as well. An untested archive stays until KEEP good ones
# are newer, but only the newest KEEP of them. An archive of the workspace stays with that of the state. Anything else in the folders
# is not touched.
retain() {
  kept=$(archives "$good" | head -n "$KEEP")
  for name in $(archives "$good"); do
    if [ -f "$good/$(workspace_of "$name")" ]; then
      kept="$kept $name"
      break
    fi
  done
  last=
  if [ "$(archives "$good" | wc -l)" -ge "$KEEP" ]; then last=$(archives "$good" | sed -n "${KEEP}p"); fi
  kept="$kept $(archives "$BACKUP_DIR" | awk -v last="$last" '$0 > last' | head -n "$KEEP")"
  for folder in "$good" "$BACKUP_DIR"; do
    for file in $(archives "$folder") $(archives "$folder" '\.workspace'); do
      case " $(echo "$kept" | tr '\n' ' ') " in
        *" ${file%%.*}.tar.gz "*) continue ;;
      esac
      rm -f "$folder/$file"
      echo "$file is deleted; the newest $KEEP are kept"
    done
  done
}

# Restores that were killed, and those that came too late for a start.
clean() {
  delete "$restoring" "$workspace_restoring" "$OPENCLAW_STATE_DIR".late-restore-* "$WORKSPACES_DIR"/.late-restore-*
  if [ ! -d "$restored" ]; then delete "$workspace_restored"; fi
}

create() {
  part 300 clean || true
  name="openclaw-$(date -u +%Y%m%dT%H%M%SZ).tar.gz"
  workspace=$(workspace_of "$name")
  failures=
  if ! part 600 create_state "$name"; then
    failed "the state could not be archived"
  else
    if part 600 drill_state "$BACKUP_DIR/$name"; then
      mv "$BACKUP_DIR/$name" "$good/$name"
    else
      failed "$name could not be tested; it is kept, but it is not good"
    fi
    if ! part 900 create_workspace "$workspace"; then
      failed "the workspace could not be archived; $name contains the state only"
    elif part 600 drill_workspace "$BACKUP_DIR/$workspace"; then
      mv "$BACKUP_DIR/$workspace" "$good/$workspace"
      part 300 delete_moved_workspace || true
    else
      failed "$workspace could not be tested; it is kept, but it is not good"
    fi
  fi
  # Once a good archive exists. An archive of an older deployment must not make this night fail.
  if [ -z "$failures" ]; then part 600 move_old || true; fi
  part 60 retain || failed "old archives could not be deleted"
  if [ -z "$failures" ]; then return; fi
  if [ -z "${FAILURES-}" ]; then exit 1; fi
  echo "$failures" >"$FAILURES"
}

list() {
  { archives "$good" && archives "$BACKUP_DIR"; } | sort -ru | while read -r name; do
    path=$(find_archive "$name")
    quality=untested
    if [ "$path" = "$good/$name" ]; then quality=good; fi
    workspace=$(find_archive "$(workspace_of "$name")")
    size=-
    if [ -n "$workspace" ]; then size=$(stat -c %s "$workspace"); fi
    # A restore would bring back a workspace of which nobody knows whether it is complete.
    if [ -n "$workspace" ] && [ "${workspace%/*}" != "$good" ]; then quality=untested; fi
    echo "$name $(stat -c %s "$path") $quality $size"
  done
}

# --- restore

drill() { # name
  drill_state "$(find_archive "$1")"
  workspace=$(find_archive "$(workspace_of "$1")")
  if [ -n "$workspace" ]; then drill_workspace "$workspace"; fi
}

# Renamed first, so that a start of the gateway finds all of the state or nothing. Without the state, it ignores the workspace.
disarm() {
  delete "$restoring"
  mv -T "$restored" "$restoring"
  # A start that was killed between its renames has put it there.
  delete "$restoring" "$workspace_restored" "$WORKSPACES_DIR/.incoming"
}

# Without a deadline, a restore that was called off or failed would roll the state back at some later start.
prepare() { # name minutes
  path=$(find_archive "$1")
  workspace=$(find_archive "$(workspace_of "$1")")
  delete "$restoring" "$workspace_restoring"
  trap 'delete "$TMPDIR" "$restoring" "$workspace_restoring"' EXIT
  need_room "$(dirname "$OPENCLAW_STATE_DIR")" "$(content_size "$path")" "the restored state" "raise cluster.storageSize"
  if [ -n "$workspace" ]; then
    need_room "$WORKSPACES_DIR" "$(content_size "$workspace")" "the restored workspace" "raise cluster.workspaceSize"
    mkdir -m 700 "$workspace_restoring"
    unpack "$workspace" "$workspace_restoring"
  fi
  restore_into "$path" "$restoring"
  state=$(state_in "$restoring")
  # A deadline in the archive is not this restore's.
  rm -rf "$state/.openclaw-pack-until"
  when="the gateway's next start installs it"
  if [ -n "$2" ]; then
    # In the folder, so that a rename arms it with its deadline, and no deadline outlives its state.
    echo "$(($(date +%s) + $2 * 60))" >"$state/.openclaw-pack-until"
    when="a start of the gateway within $2 min installs it"
  fi
  # An earlier restore that was never installed is only a copy of an archive.
  if [ -d "$restored" ]; then
    mv -T "$restored" "$restoring/earlier"
    delete "$WORKSPACES_DIR/.incoming"
  fi
  delete "$workspace_restored"
  # The state is last: a start installs the workspace only with a state.
  if [ -n "$workspace" ]; then mv -T "$workspace_restoring" "$workspace_restored"; fi
  mv -T "$state" "$restored"
  if [ -z "$workspace" ]; then echo "$1 has no archive of the workspace: it is in the state of an older deployment, or was not archived"; fi
  echo "$1 is ready; $when"
}

cancel() {
  if [ ! -d "$restored" ]; then
    echo "no restore is pending"
    return
  fi
  disarm
  echo "the pending restore is cancelled; the state was not changed"
}

# --- command

mkdir -p "$good"
if [ -n "${IS_PART-}" ]; then
  "$@"
  exit
fi
if [ "$1" = list ]; then
  list
  exit
fi

# Two of these at a time would delete each other's files. Without it, what is left is of a process that was killed.
exec 9>"$BACKUP_DIR/.lock"
if ! flock -n 9; then
  echo "a backup or a restore is running; try again when it has ended" >&2
  exit 1
fi
delete "$BACKUP_DIR"/.scratch.*
# On the archives' volume, because the state's copies need as much room as the archives. Private, because the volume's root is
# group-writable.
TMPDIR=$(mktemp -d "$BACKUP_DIR/.scratch.XXXXXX")
export TMPDIR XDG_CACHE_HOME="$TMPDIR/cache"
trap 'delete "$TMPDIR"' EXIT

case $1 in
  create | cancel) "$1" ;;
  drill | prepare)
    name=$2
    if [ "$name" = latest ]; then
      name=$(list | awk '$3 == "good" { print $1; exit }')
      newest=$(list | awk 'NR == 1 { print $1 }')
      if [ -n "$name" ] && [ "$newest" != "$name" ]; then
        echo "$newest is newer, but no restore test has succeeded with it; give its name to use it anyway"
      fi
    fi
    # Only a name that `create` could have chosen.
    if ! list | awk '{ print $1 }' | grep -qxF -e "$name"; then
      echo "no archive $2; expected one of: $(list | awk '{ print $1 }' | tr '\n' ' ')" >&2
      exit 1
    fi
    "$1" "$name" "${3-}"
    ;;
esac
