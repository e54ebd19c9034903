# shellcheck shell=sh disable=SC3067 # Debian's sh has -O.
# Functions for files that an attacker may have written. They open only regular files of this user, follow no link, and rename what
# is in the way: a rename needs neither time nor space, whatever it renames. prepare-state.sh and prepare-workspace.sh source this
# file.

exists() {
  [ -e "$1" ] || [ -L "$1" ]
}

# Renamed in its own folder, because another user's folder cannot be moved to a different one. The name cannot be guessed.
set_aside() { # path
  aside=$(mktemp -u "$1.set-aside-$(date -u +%Y%m%dT%H%M%SZ)-XXXXXX")
  mv -T "$1" "$aside" || return
  echo "$1 does not come from Git; it is kept as ${aside##*/}" >&2
}

is_own_folder() {
  [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]
}

own_folder() { # path mode
  if exists "$1" && ! is_own_folder "$1"; then set_aside "$1" || return; fi
  [ -d "$1" ] || mkdir "$1" || return
  chmod "$2" "$1"
}

# Whether a file is a copy of another one, and has no second name, by which another user could get it.
is_copy() { # source path
  [ -f "$2" ] && [ ! -L "$2" ] && [ -O "$2" ] && [ "$(stat -c %h "$2")" = 1 ] && cmp -s "$1" "$2"
}

# Deletes something of the pack's own, which only an approved command can have made large.
clear_away() { # path
  timeout 10 rm -rf "$1" 2>/dev/null || true
  if exists "$1"; then set_aside "$1"; fi
}

# Free space in MiB.
free_space() { # folder
  echo $(($(stat -f -c '%a * %S / 1048576' "$1")))
}

# Whether fewer files than this can be created. Some file systems have no limit, and report 0.
lacks_files() { # folder number
  # shellcheck disable=SC2046
  set -- "$2" $(stat -f -c '%c %d' "$1")
  [ "$2" -gt 0 ] && [ "$3" -lt "$1" ]
}

# Sets space and files aside for a start on a full volume.
reserve() { # path MiB
  mkdir -p "$1" && chmod 700 "$1" && fallocate --length "$2"MiB "$1/space" &&
    for number in $(seq 64); do : >"$1/file-$number" || return; done
}
