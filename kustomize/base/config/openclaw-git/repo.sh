#!/bin/sh
# Exchanges commits between the sandbox, which has no credential, and GitHub, in bundles of git. A bundle contains commits and
# branches, and no configuration, hooks or attributes of a repository, which could run programs here.
#
#   repo.sh fetch OWNER/REPO
#       Writes the branches and tags into inbox/OWNER-REPO.bundle of the workspace.
#   repo.sh review OWNER/REPO BRANCH [BUNDLE] [--question TEXT]
#       Has Codex review BRANCH, as it is in the bundle or on GitHub, against the default branch.
#   repo.sh review-local BASE BRANCH BUNDLE [--question TEXT]
#       The same for a bundle with both branches of a repository that is not on GitHub.
#   repo.sh publish OWNER/REPO BRANCH BUNDLE [--title TITLE]
#       Pushes BRANCH of the bundle to the same branch on GitHub, which must not be the default branch, without force. With a
#       title, opens a draft pull request.
#
# BUNDLE is a path in the workspace, such as outbox/BRANCH.bundle.
#
# A person approves each call, so one call does one complete thing. Everything that comes from the workspace may be hostile.
# Exit status: 2 for wrong usage, 124 after the deadline, otherwise 1 with one line that says why.
#
# Environment: HOME, GH_TOKEN, CODEX_API_KEY, WORKSPACE_DIR (default /workspaces/main).
# Next to this script: gitconfig.
set -eu
umask 077
# Ranges in patterns are ASCII.
export LC_ALL=C

DEADLINE=1500
REVIEW_SECONDS=900
MAX_BUNDLE_MIB=512
# The largest file that git may write, and the memory that it may use, because the gateway shares its container's limits. Without
# a limit, a bundle of half a megabyte took 1.8 GiB.
MAX_FILE_MIB=2048
MAX_MEMORY_MIB=512
# A bundle of a few kilobytes can hold a tree of billions of files.
MAX_FILES=100000
MAX_TREE_MIB=1024

usage() {
  sed -n 's/^#   \(repo\.sh .*\)/usage: \1/p' "$0" >&2
  exit 2
}

fail() {
  printf 'repo.sh: %s\n' "$(printf %s "$*" | tr '\n' ' ' | printable)" >&2
  exit 1
}

# Removes what could move the cursor or hide a line of the output.
printable() {
  tr -d '\000-\010\013-\037\177'
}

# --- Arguments ---------------------------------------------------------------------------------------------------------------

is_repository() {
  case $1 in
    */*/* | -* | .* | *[!A-Za-z0-9._/-]* | */ | /* | */. | */.. | */-* | *.git | *.wiki) return 1 ;;
    */*) [ "${#1}" -le 140 ] ;;
    *) return 1 ;;
  esac
}

is_branch() {
  case $1 in
    HEAD | refs/* | [!A-Za-z0-9]* | *[!A-Za-z0-9._/-]* | *@*) return 1 ;;
  esac
  [ "${#1}" -le 200 ] && command git check-ref-format "refs/heads/$1"
}

is_path() {
  case $1 in
    '' | [!A-Za-z0-9.]* | *[!A-Za-z0-9._/-]* | */) return 1 ;;
  esac
}

is_line() { # text bytes
  case $1 in
    '' | *[[:cntrl:]]*) return 1 ;;
  esac
  [ "${#1}" -le "$2" ]
}

# Sets `repository`, `base`, `branch`, `bundle`, `title` and `question`.
read_arguments() {
  repository='' base='' branch='' bundle='' title='' question=''
  case $action in
    fetch | review | publish)
      [ $# -ge 1 ] || usage
      is_repository "$1" || fail "\"$1\" is not OWNER/REPO"
      repository=$1
      shift
      ;;
    review-local)
      [ $# -ge 3 ] || usage
      base=$1
      is_branch "$base" || fail "\"$base\" is not a plain branch name"
      shift
      ;;
    *) usage ;;
  esac
  if [ "$action" != fetch ]; then
    [ $# -ge 1 ] || usage
    branch=$1
    is_branch "$branch" || fail "\"$branch\" is not a plain branch name"
    shift
    case ${1---} in
      --*) ;;
      *)
        bundle=$1
        is_path "$bundle" || fail "\"$bundle\" is not a path in the workspace, such as outbox/$branch.bundle"
        shift
        ;;
    esac
  fi
  case $action:${1-}:$# in
    *::0) ;;
    publish:--title:2)
      title=$2
      is_line "$title" 250 || fail "the title must be one line of at most 250 bytes"
      ;;
    review:--question:2 | review-local:--question:2)
      question=$2
      is_line "$question" 2000 || fail "the question must be one line of at most 2000 bytes"
      ;;
    *) usage ;;
  esac
  case $action:$bundle in
    publish: | review-local:) usage ;;
  esac
}

# --- Start -------------------------------------------------------------------------------------------------------------------

# `timeout` passes signals on to every process of the call.
if [ "${1-}" != within-deadline ]; then
  exec timeout -k 10 "$DEADLINE" sh "$0" within-deadline "$@"
fi
shift
action=${1-}
[ $# -eq 0 ] || shift
read_arguments "$@"

here=$(dirname "$0")
workspace=${WORKSPACE_DIR:-/workspaces/main}
token=${GH_TOKEN-}
key=${CODEX_API_KEY-}
temporary="$HOME/.openclaw-pack/repo"

# Nothing that runs below gets the gateway's other keys, or a setting of git from outside.
for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
  case $name in
    PATH | LC_ALL) ;;
    *) unset "$name" ;;
  esac
done

# On the volume, because /tmp is in memory, and outside the workspace.
mkdir -p "$temporary"
# What a killed call has left.
find "$temporary" -mindepth 1 -maxdepth 1 -mmin +60 -exec rm -rf {} +
work=$(mktemp -d "$temporary/XXXXXXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'trap "" HUP INT TERM; echo "repo.sh: stopped before it was done" >&2; exit 124' HUP INT TERM
mkdir -p "$work/home/.codex"

export HOME="$work/home"
export CODEX_HOME="$HOME/.codex"
export NO_COLOR=1 GH_PROMPT_DISABLED=1 GH_NO_UPDATE_NOTIFIER=1
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL="$here/gitconfig" GIT_ATTR_NOSYSTEM=1
export GIT_TERMINAL_PROMPT=0 GIT_ASKPASS='' GIT_PAGER=cat GIT_EDITOR=false
export GIT_ALLOW_PROTOCOL=https GIT_NO_LAZY_FETCH=1 GIT_NO_REPLACE_OBJECTS=1 GIT_DEFAULT_HASH=sha1
# In units of 512 bytes.
ulimit -f $((MAX_FILE_MIB * 2048))

git() {
  prlimit --as=$((MAX_MEMORY_MIB * 1048576)) git "$@"
}

# In the repository of this call.
in_repo() {
  git -C "$work/repo" "$@"
}

with_token() {
  (
    export GH_TOKEN="$token"
    "$@"
  )
}

# Runs a command; if it fails, says what failed and the first reason that it gave.
try() { # what command...
  what=$1
  shift
  "$@" 2>"$work/errors" || fail "$what: $(reason)"
}

reason() {
  sed -n 's/^\(fatal\|error\|gh\): //p; s/^ ! \[/[/p' "$work/errors" | grep . | head -n 1 || echo "no reason was given"
}

# --- The workspace -----------------------------------------------------------------------------------------------------------

# The sandbox can replace every folder and file there at any time, by links, pipes or others. A shell that is in a folder stays in
# it, so the path is checked afterwards.
enter() { # folder in the workspace
  cd -P -- "$workspace" 2>/dev/null || fail "there is no workspace $workspace"
  root=$(pwd -P)
  cd -P -- "./$1" 2>/dev/null || fail "the workspace has no folder $1"
  case $(pwd -P)/ in
    "$root"/*) ;;
    *) fail "$1 leaves the workspace" ;;
  esac
}

# Copies the bundle to a place where it cannot change. Neither follows a link nor waits for a pipe.
take_bundle() {
  (
    enter "$(dirname "$bundle")"
    file="./$(basename "$bundle")"
    if [ -L "$file" ] || [ ! -f "$file" ]; then fail "$bundle is not a file in the workspace"; fi
    [ "$(stat -c %s "$file")" -le $((MAX_BUNDLE_MIB * 1048576)) ] || fail "$bundle is larger than $MAX_BUNDLE_MIB MiB"
    try "cannot read $bundle" dd if="$file" of="$work/bundle" bs=1M count="$MAX_BUNDLE_MIB" \
      iflag=nofollow,nonblock,fullblock status=none
  ) || exit 1
  # The newer format has filters, which leave objects out.
  [ "$(head -c 16 "$work/bundle" | tr '\000' ' ')" = "# v2 git bundle" ] || fail "$bundle is not a bundle of git (version 2)"
  # An empty line ends the list of branches, which git reads in a time that grows with the square of its length.
  head -c 1048576 "$work/bundle" | grep -aq '^$' || fail "$bundle has too many branches"
}

# Writes a file of the workspace under a name that is not taken, and renames it, which follows no link.
give() { # file folder name
  (
    umask 022
    enter .
    mkdir "./$2" 2>/dev/null || true
    enter "$2"
    [ "$(pwd -P)" = "$root/$2" ] || fail "$2 is a link"
    new=./.$(mktemp -u XXXXXXXXXX).part
    trap 'rm -f "$new"' EXIT
    try "cannot write $2/$3" dd if="$1" of="$new" bs=1M conv=excl oflag=nofollow status=none
    try "cannot write $2/$3" mv -fT "$new" "./$3"
  ) || exit 1
}

# --- Repositories ------------------------------------------------------------------------------------------------------------

new_repo() {
  git init --quiet --template= "$work/repo"
  mkdir -p "$work/repo/.git/info"
}

# Sets `default`, the default branch on GitHub, and `published`, the commit of the branch there; empty if there is none.
ask_github() {
  url="https://github.com/$repository"
  answer=$(try "cannot read $repository" with_token git ls-remote --quiet --symref "$url" HEAD "refs/heads/$branch")
  default=$(printf '%s\n' "$answer" | sed -n 's,^ref: refs/heads/\([^	]*\)	HEAD$,\1,p')
  published=$(printf '%s\n' "$answer" | awk -v "ref=refs/heads/$branch" '$2 == ref { print $1 }')
  is_branch "$default" || fail "$repository has no commits, or a default branch with an unusual name"
}

fetch_github() {
  try "cannot fetch $repository" with_token git -C "$work/repo" fetch --quiet --no-tags --no-write-fetch-head "$url" \
    '+refs/heads/*:refs/remotes/origin/*'
}

# Fetches just this branch from the bundle, and checks every object that is new.
fetch_bundle() { # branch
  heads=$(try "$bundle is damaged" in_repo bundle list-heads "$work/bundle" "refs/heads/$1")
  case $heads in
    '') fail "$bundle has no branch $1; create it with: git bundle create FILE $1" ;;
    *"
"*) fail "$bundle has the branch $1 more than once" ;;
  esac
  in_repo bundle verify --quiet "$work/bundle" 2>/dev/null ||
    fail "$bundle needs commits that are not there; fetch first, and create it again"
  (
    export GIT_ALLOW_PROTOCOL=file
    try "$bundle is damaged" in_repo fetch --quiet --no-tags --no-write-fetch-head "$work/bundle" \
      "refs/heads/$1:refs/heads/$1"
  ) || exit 1
  [ "$(in_repo rev-parse --verify --quiet "refs/heads/$1^{commit}")" = "${heads%% *}" ] ||
    fail "$bundle has no commit for the branch $1"
  # A fetch from a bundle does not do this by itself.
  in_repo rev-list --objects "refs/heads/$1" --not --remotes >"$work/objects" 2>"$work/errors" ||
    fail "$bundle is damaged: $(reason)"
  if [ -s "$work/objects" ]; then
    try "$bundle is damaged" in_repo pack-objects -q --stdout <"$work/objects" >"$work/pack"
    try "$bundle has an object that git refuses" in_repo index-pack --strict --stdin <"$work/pack" >/dev/null
    rm -f "$work/pack"
  fi
}

check_tree() { # commit
  in_repo ls-tree -r -l --full-tree "$1" | head -n $((MAX_FILES + 1)) | awk '{ size += $4 } END { printf "%d %.0f\n", NR, size / 1048576 }' >"$work/tree"
  read -r count size <"$work/tree"
  [ "$count" -le "$MAX_FILES" ] || fail "$branch has more than $MAX_FILES files"
  [ "$size" -le "$MAX_TREE_MIB" ] || fail "the files of $branch have more than $MAX_TREE_MIB MiB"
}

# --- Actions -----------------------------------------------------------------------------------------------------------------

fetch() {
  ask_github
  try "cannot fetch $repository" with_token git clone --quiet --bare --template= "$url" "$work/repo"
  try "cannot create the bundle" in_repo bundle create --quiet "$work/bundle" HEAD --branches --tags
  name=$(printf %s "$repository" | tr / -).bundle
  give "$work/bundle" inbox "$name"
  echo "$repository is in inbox/$name: $(in_repo for-each-ref refs/heads | wc -l) branches, $default at $(in_repo rev-parse --short "$default")"
  echo "in the sandbox: git clone --branch $default /workspace/inbox/$name"
}

publish() {
  case $branch in
    main | master) fail "$branch is never pushed; use a branch of its own" ;;
  esac
  if [ -n "$title" ]; then command -v gh >/dev/null || fail "gh is not installed, so no pull request can be opened; nothing was pushed"; fi
  take_bundle
  ask_github
  [ "$branch" != "$default" ] || fail "$branch is the default branch of $repository; use a branch of its own"
  new_repo
  fetch_github
  fetch_bundle "$branch"
  commit=$(in_repo rev-parse "refs/heads/$branch")
  base=$(in_repo merge-base "refs/remotes/origin/$default" "$commit") ||
    fail "$branch has no commit in common with $default"
  if [ -n "$published" ]; then
    in_repo merge-base --is-ancestor "$published" "$commit" ||
      fail "$branch is not a fast-forward of $branch on GitHub; merge it in the sandbox first"
  fi
  check_tree "$commit"
  {
    in_repo log --no-color --no-decorate --max-count=50 --format='%h %an: %s' "${published:-$base}..$commit"
    in_repo diff --no-color --no-ext-diff --no-textconv --stat=100 --stat-count=100 "$base" "$commit"
  } | printable
  if [ "$published" = "$commit" ]; then
    echo "$branch of $repository is already at $commit"
  else
    try "cannot push" with_token git -C "$work/repo" push --quiet --no-follow-tags --recurse-submodules=no "$url" \
      "$commit:refs/heads/$branch"
    echo "pushed $commit to $branch of $repository"
  fi
  [ -z "$title" ] || open_pull_request
}

open_pull_request() {
  in_repo log --reverse --no-color --max-count=50 --format='### %s%n%n%b' "$base..$commit" | printable >"$work/body"
  answer=$(request_pull true) || case $answer in
    *"already exists"*)
      echo "a pull request for $branch is already open"
      return
      ;;
    # Private repositories of some plans have no drafts.
    *"Draft pull requests are not supported"*) answer=$(request_pull false) || no_pull_request ;;
    *) no_pull_request ;;
  esac
  echo "opened $answer"
}

# Reads no repository.
request_pull() { # draft
  (cd "$HOME" && with_token gh api --method POST "repos/$repository/pulls" -f "title=$title" -f "head=$branch" \
    -f "base=$default" -F "draft=$1" -F "body=@$work/body" --jq .html_url 2>"$work/errors")
}

no_pull_request() {
  fail "$branch is pushed, but the pull request was not opened: $(reason)"
}

review() {
  [ -n "$key" ] || fail "CODEX_API_KEY is not set"
  command -v codex >/dev/null || fail "codex is not installed"
  [ -z "$bundle" ] || take_bundle
  new_repo
  if [ "$action" = review ]; then
    ask_github
    base=$default
    [ "$branch" != "$base" ] || fail "$branch is the default branch of $repository"
    fetch_github
    in_repo branch --quiet --no-track "$base" "refs/remotes/origin/$base"
  else
    [ "$branch" != "$base" ] || fail "$branch cannot be compared with itself"
    fetch_bundle "$base"
  fi
  if [ -n "$bundle" ]; then
    fetch_bundle "$branch"
  else
    [ -n "$published" ] || fail "$repository has no branch $branch"
    in_repo branch --quiet --no-track "$branch" "$published"
  fi
  commit=$(in_repo rev-parse "refs/heads/$branch")
  check_tree "$commit"
  # Instructions and settings for Codex in the reviewed branch are part of what is reviewed: they are in the diff, and not in
  # the folder, where Codex would follow them.
  printf '%s\n' '/*' '!AGENTS.md' '!AGENTS.override.md' '!.codex' '!.agents' >"$work/repo/.git/info/sparse-checkout"
  in_repo config core.sparseCheckout true
  # A link could lead to a file of the gateway. It becomes a small text file with its target.
  in_repo config core.symlinks false
  try "cannot check out $branch" in_repo checkout --quiet "$branch"
  echo "reviewing $branch at $commit, compared with $base at $(in_repo rev-parse "$base")"
  cd "$work/repo"
  # If Codex cannot isolate its commands, it cannot read the changes and may still answer that there are no findings.
  # In the foreground, so that a signal for the call reaches Codex, too.
  timeout --foreground 60 codex sandbox --permission-profile review true </dev/null
  if [ -n "$question" ]; then set -- -- "$question"; else set -- review --base "$base"; fi
  export CODEX_API_KEY="$key"
  # Codex waits for an answer for ever, and for a standard input that is open.
  timeout --foreground "$REVIEW_SECONDS" codex exec --ephemeral "$@" </dev/null
}

case $action in
  fetch) fetch ;;
  publish) publish ;;
  review | review-local) review ;;
esac
