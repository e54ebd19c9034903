#!/bin/sh
# Waits up to 4 seconds for the sandbox image. The container's first process becomes prune.sh once build-image.sh has succeeded,
# so the probe does not need to start the docker client.
set -u

tries=20
until [ "$(tr '\0' ' ' </proc/1/cmdline)" = "sh /sandbox/prune.sh " ]; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || exit 1
  sleep 0.2
done
