#!/bin/sh
# Deletes what sandboxes leave in the docker daemon every half hour: stopped containers, dangling images, build cache, unused
# volumes. The sandbox image stays, because it has a tag.
set -u

trap 'exit 0' TERM INT

while :; do
  sleep 1800 &
  wait $!
  docker container prune --force --filter until=24h
  docker image prune --force
  docker volume prune --force
  docker builder prune --force --filter until=1h
done
