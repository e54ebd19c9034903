#!/bin/sh
# Reviews changes with Codex CLI, which may only read. Runs in the repository.
#
#   review.sh uncommitted       changes that are not committed
#   review.sh base BRANCH       the branch, compared with BRANCH
#   review.sh commit REVISION   one commit
#   review.sh ask QUESTION      a question about files; needs no repository
#
# The commands outside the sandbox that a person can approve have neither `&&` nor redirections, so both are here. This file is
# mounted from Git, and the assistant cannot change it.
set -eu

case ${1-}:$# in
  uncommitted:1) set -- review --uncommitted ;;
  base:2) set -- review --base "$2" ;;
  commit:2) set -- review --commit "$(git rev-parse --verify --end-of-options "$2")" ;;
  ask:2) set -- --skip-git-repo-check -- "$2" ;;
  *)
    echo "usage: review.sh uncommitted | base BRANCH | commit REVISION | ask QUESTION" >&2
    exit 2
    ;;
esac

# If Codex cannot isolate its commands, it cannot read the changes and may still answer that there are no findings.
timeout 60 codex sandbox true </dev/null
# Codex waits for an answer for ever, and for a standard input that is open.
exec timeout 900 codex exec --sandbox read-only --ephemeral "$@" </dev/null
