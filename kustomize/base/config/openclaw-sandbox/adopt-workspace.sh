#!/bin/sh
# Gives the files of the workspace to the sandbox's user, after a start that has moved or restored the workspace as the gateway's
# user. Does nothing if that user has them already.
#
# Only root can do that, and only inside a container of the docker daemon is it safe: the container has no network and only two
# capabilities, and sees nothing but the workspace. Links are not followed.
#
#   adopt-workspace.sh USER:GROUP NAME...   NAME: entries of the workspace that stay the gateway's
#
# Environment: SANDBOX_IMAGE (name:tag), WORKSPACES_DIR (the workspace volume), and docker's own DOCKER_* variables.
set -eu

owner=$1
shift
done="$WORKSPACES_DIR/.adopted"

if [ -f "$done" ] && [ ! -L "$done" ] && [ "$(head -c 64 "$done")" = "$owner" ]; then exit; fi

echo "giving the files of the workspace to user $owner"
# shellcheck disable=SC2016
if docker run --rm --network none --read-only --cap-drop ALL --cap-add CHOWN --cap-add DAC_READ_SEARCH \
  --security-opt no-new-privileges --user 0 --volume "$WORKSPACES_DIR/main:/workspace" --entrypoint sh "$SANDBOX_IMAGE" -euc '
    owner=$1
    shift
    cd /workspace
    for name in "$@"; do set -- "$@" ! -name "$name"; shift; done
    find . -mindepth 1 -maxdepth 1 "$@" -exec chown -R -h "$owner" {} +
  ' sh "$owner" "$@"; then
  rm -rf "$done"
  echo "$owner" >"$done"
else
  echo "some files of the workspace are still the gateway's; the next start tries again" >&2
fi
