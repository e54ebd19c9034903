#!/bin/sh
# Prepares the agent's workspace, on a volume of its own: moves the workspace of an older deployment there, installs a restored
# one, and puts the files from Git in place. Git wins at every start.
#
# The agent's commands write the workspace, and an approved command may have written anything on the volume (files.sh). A file
# that cannot be installed is reported and does not stop the start.
#
# A sandbox runs as another user and mounts only the workspace, whose sticky bit keeps it from replacing the files from Git.
#
# Usage: prepare-workspace.sh FILES NAME...
#   FILES  the folder with the files from Git
#   NAME   a file that OpenClaw would put into the prompt, and that must not exist: a link to nowhere takes its name
# Environment: HOME (the state volume), OPENCLAW_STATE_DIR, WORKSPACES_DIR (the workspace volume).
set -eu
umask 022

files=$1
shift
volume=$WORKSPACES_DIR
workspace="$volume/main"
installed="$volume/.installed"
spare="$volume/.reserve"
released=false
user=$(id -u)

# shellcheck disable=SC1091
. "$(dirname "$0")/files.sh"

# Replaces the workspace. The sandbox's user has to be given its files again (adopt-workspace.sh).
install_workspace() { # folder
  clear_away "$volume/.adopted"
  if exists "$workspace"; then set_aside "$workspace"; fi
  mv -T "$1" "$workspace"
}

# A sandbox can fill the volume. The reserve is out of its reach, and enough for the files from Git. The first failure prints why.
or_with_the_reserve() { # command argument...
  "$@" && return
  clear_away "$spare"
  released=true
  "$@" || echo "$*: failed; the workspace volume may be full or read-only" >&2
}

# The workspace was a folder of the state until it got a volume of its own, and still is in an archive of that time.
old="$OPENCLAW_STATE_DIR/workspace"
moving="$HOME/.workspace-moving"
if [ -d "$old" ] && [ ! -L "$old" ] && ! rmdir "$old" 2>/dev/null; then
  if exists "$moving"; then set_aside "$moving"; fi
  chmod u+rwx "$old" 2>/dev/null || true
  mv -T "$old" "$moving" || echo "$old could not be moved; the assistant starts without it" >&2
fi

# The first start after that copies it, and an interrupted one is done again. The old files stay until a backup contains the new.
move_workspace() {
  need=$(du -sm "$moving" 2>/dev/null | cut -f1)
  free=$(free_space "$volume")
  if [ "$need" -gt "$free" ]; then
    echo "the workspace is still in $moving: it takes $need MiB, and its own volume has $free MiB;" \
      "raise cluster.workspaceSize, and the next start moves it" >&2
    return
  fi
  echo "moving the workspace of an older deployment to its own volume" >&2
  copy="$volume/.moving"
  clear_away "$copy"
  mkdir "$copy" || return
  chmod -R u+rwX "$moving" 2>/dev/null || true
  errors=$(cp -a "$moving/." "$copy/" 2>&1 | head -n 20)
  sync -f "$copy" && install_workspace "$copy" || return
  done="$HOME/.workspace-moved-$(date -u +%Y%m%dT%H%M%SZ)"
  if [ -n "$errors" ]; then
    done="$HOME/.workspace-left-$(date -u +%Y%m%dT%H%M%SZ)"
    echo "not everything could be moved, so the old workspace stays as $done until you delete it:" "$errors" >&2
  fi
  mv -T "$moving" "$done"
}
if [ -d "$moving" ] && [ ! -L "$moving" ]; then
  move_workspace || echo "the workspace is still in $moving; the next start tries again" >&2
fi

# prepare-state.sh has decided that it is to be installed.
if [ -d "$volume/.incoming" ] && [ ! -L "$volume/.incoming" ]; then
  install_workspace "$volume/.incoming"
  echo "restore: the restored workspace is in place" >&2
fi

or_with_the_reserve own_folder "$workspace" 1777

# Lists a folder with each entry's type and owner; a folder from Git has few entries.
entries() { # folder name
  (cd -P "$1" && find "$2" -printf '%y %U %p\n' 2>&1 | head -n 200 | sort)
}

# Whether an entry of the workspace is what a folder has under this name, with the same entries and nothing else.
is_unchanged() { # folder name
  if [ -f "$1/$2" ]; then
    is_copy "$1/$2" "$workspace/$2"
    return
  fi
  is_own_folder "$workspace/$2" && [ -d "$1/$2" ] || return
  # A ConfigMap's volume has links.
  wanted=$(cd -P "$1" && find -L "$2" -type d -printf "d $user %p\n" -o -printf "f $user %p\n" | head -n 200 | sort)
  [ "$(entries "$workspace" "$2")" = "$wanted" ] || return
  echo "$wanted" | while read -r type _ path; do
    [ "$type" = d ] || is_copy "$1/$path" "$workspace/$path" || return
  done
}

# Copied beside the workspace and renamed into it, so that the gateway never reads half of a file.
install_from_git() { # name
  new=$(mktemp -d "$volume/.new-XXXXXX") || return
  if cp -RL "$files/$1" "$new/" && chmod -R u=rwX,go=rX "$new/$1" && make_way "$1" && mv -T "$new/$1" "$workspace/$1"; then
    rm -rf "$new"
    own_folder "$installed" 700 && clear_away "$installed/$1" && cp -R "$workspace/$1" "$installed/$1"
    return
  fi
  rm -rf "$new"
  return 1
}

# A change in Git replaces the file or folder that an earlier start has installed. Anything else is kept.
make_way() { # name
  if ! exists "$workspace/$1"; then return; fi
  if is_unchanged "$installed" "$1" && mv -T "$workspace/$1" "$new/replaced"; then return; fi
  set_aside "$workspace/$1"
}

# In the workspace, because OpenClaw copies no workspace with a link that leaves it to the ssh sandbox. Only the gateway could
# create it there.
NOWHERE=.openclaw/not-from-git

block() { # name
  if [ "$(stat -c '%u %h %N' "$workspace/$1" 2>/dev/null)" = "$user 1 '$workspace/$1' -> '$NOWHERE'" ]; then return; fi
  if exists "$workspace/$1"; then set_aside "$workspace/$1"; fi
  ln -s "$NOWHERE" "$workspace/$1"
}

# OpenClaw mounts the skills into the sandbox in .openclaw, which the docker daemon would create as root. repo.sh puts what it
# fetches into inbox.
own_folders() {
  for folder in inbox .openclaw .openclaw/sandbox-skills .openclaw/sandbox-skills/skills; do
    own_folder "$workspace/$folder" 755 || return
  done
}

for entry in "$files"/*; do
  name=${entry##*/}
  # `while` and `||` turn off `set -e`, so each function returns its own failure.
  if is_unchanged "$files" "$name"; then
    # Nor may an approved command have let a sandbox write there.
    chmod -R u=rwX,go=rX "$workspace/$name"
    continue
  fi
  or_with_the_reserve install_from_git "$name"
done
for name in "$@"; do or_with_the_reserve block "$name"; done
or_with_the_reserve own_folders

# Older versions of OpenClaw kept its setup there. With such a file, the gateway refuses every message after its next start.
for legacy in openclaw-workspace-state.json .openclaw/workspace-state.json ../main.attested; do
  for path in "$workspace/$legacy" "$workspace/$legacy.doctor-importing"; do
    if exists "$path"; then set_aside "$path"; fi
  done
done

# Last, after everything else that needs space. No sandbox runs yet, so most of what was released is still there, and the next start
# can need it again.
if "$released"; then
  reserve "$spare" 8 2>/dev/null || true
elif ! exists "$spare" && [ "$(free_space "$volume")" -gt 256 ] && ! lacks_files "$volume" 1000; then
  reserve "$spare" 16 2>/dev/null || clear_away "$spare"
fi
