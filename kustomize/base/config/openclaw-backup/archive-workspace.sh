#!/bin/sh
# Streams the agent's workspace as a tar archive through a pipe to backup.sh, which runs in another container of the pod.
#
# The agent's commands write the workspace, so everything in it is hostile. This script runs as the user of these commands, in a
# container that sees neither the state nor an archive, and that cannot write to the workspace. Links are archived as links. What
# is not a file, a folder or a link, and what cannot be read or restored, is left out and named.
#
#   archive-workspace.sh NAME...   NAME: entries of the workspace that come from Git, and are not archived
#
# In EXCHANGE_DIR, a folder of this pod, it leaves:
#   size      KiB of the workspace: allocated, and apparent, which includes the holes of sparse files
#   pipe      the archive
#   skipped   the first entries that were left out, one on each line
#   errors    the first error messages
#   count     how many entries were not left out
#   status    tar's exit status, unless something else has failed
#   ended     nothing more comes
#
# Environment: WORKSPACES_DIR (the workspace volume), EXCHANGE_DIR, MAX_SECONDS (how long the workspace may take).
set -u
umask 027
# Names are bytes.
export LC_ALL=C

# Passes on the names for tar. It writes the first of the others to a file, and the number of those passed on to another. A restore
# cannot create a path of 4,096 bytes or more.
# shellcheck disable=SC2016
SORT='
  my ($folder) = @ARGV;
  open my $skipped, ">", "$folder/skipped" or die;
  my ($passed, $left) = (0, 0);
  while (<STDIN>) {
    chomp;
    my ($reason, $path) = split /\t/, $_, 2;
    $reason = "its path is too long" if $reason eq "" && length($path) > 4000;
    if ($reason eq "") { print "$path\0"; $passed++; next }
    next if $left++ >= 20;
    $path =~ s/[^ -~]/?/g;
    $path = substr($path, 0, 80) . "..." . substr($path, -80) if length($path) > 160;
    print $skipped "$path: $reason\n";
  }
  print $skipped "and ", $left - 20, " more\n" if $left > 20;
  open my $count, ">", "$folder/count" or die;
  print $count "$passed\n";
'

# Prints every entry with the reason why it cannot be archived, if there is one.
entries() { # name...
  for name in "$@"; do
    set -- "$@" -o -path "./$name"
    shift
  done
  find . -ignore_readdir_race -mindepth 1 -xdev "(" -false "$@" ")" -prune \
    -o -type d ! "(" -readable -executable ")" -prune -printf 'no permission\t%p\0' \
    -o -type f ! -readable -printf 'no permission\t%p\0' \
    -o ! -type f ! -type d ! -type l -printf 'neither a file nor a folder\t%p\0' \
    -o -printf '\t%p\0' 2>"$EXCHANGE_DIR/find-errors" && return
  # It ends with an error, but without a message, only if it was killed.
  [ -s "$EXCHANGE_DIR/find-errors" ] || echo "find was killed" >"$EXCHANGE_DIR/find-errors"
}

archive() { # name...
  cd -P "$WORKSPACES_DIR/main" || return
  # A hostile tree may need any amount of memory: the program that needs it fails, before the container is killed.
  # shellcheck disable=SC3045
  ulimit -v 262144
  mkfifo -m 640 "$EXCHANGE_DIR/pipe" || return
  for option in "" --apparent-size; do du -sk $option . 2>/dev/null | cut -f 1; done >"$EXCHANGE_DIR/.size"
  mv "$EXCHANGE_DIR/.size" "$EXCHANGE_DIR/size"
  {
    entries "$@" | perl -0e "$SORT" "$EXCHANGE_DIR" |
      tar --create --null --verbatim-files-from --no-recursion --files-from=- --sparse --format=posix --numeric-owner \
        --ignore-failed-read --file=- 2>&3 >"$EXCHANGE_DIR/pipe"
    echo "$?" >"$EXCHANGE_DIR/.status"
  } 3>&1 | {
    head -n 20
    cat >/dev/null
  } >"$EXCHANGE_DIR/errors"
  # An entry that vanishes or loses its permissions meanwhile is no error. Without a count, some names never reached tar.
  others=$(grep -vE ': (No such file or directory|Permission denied|Not a directory)$' "$EXCHANGE_DIR/find-errors" | head -n 20)
  if [ -n "$others" ]; then
    echo "$others" >>"$EXCHANGE_DIR/errors"
  elif [ -f "$EXCHANGE_DIR/count" ]; then
    mv "$EXCHANGE_DIR/.status" "$EXCHANGE_DIR/status"
  fi
  cat "$EXCHANGE_DIR/skipped" "$EXCHANGE_DIR/errors"
}

if [ "${1-}" = within-the-limit ]; then
  shift
  archive "$@"
  exit
fi

# As process 1 a shell gets SIGTERM only between commands. The container stays until the pod's others have ended, because a kubelet
# would start it again.
trap 'exit 0' TERM
# A container that was killed does not try again.
if mkdir "$EXCHANGE_DIR/started"; then
  timeout -k 5 "${MAX_SECONDS:-1200}" sh "$0" within-the-limit "$@" &
  wait "$!" || echo "the workspace could not be archived: exit status $?" >&2
fi
touch "$EXCHANGE_DIR/ended"
while :; do
  sleep 3600 &
  wait "$!"
done
