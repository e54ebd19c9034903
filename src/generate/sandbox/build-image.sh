#!/bin/sh
# Sees to it that the docker daemon has the sandbox image: without it every turn of the assistant fails.
#
# The daemon's own storage ends with the pod, so the image is kept as an archive on the state volume: a restart needs
# neither a network nor minutes. Ends once the image is there and kept.
#
# Environment: SANDBOX_IMAGE (name:tag), BASE_IMAGE, ARCHIVE_DIR, and docker's own DOCKER_* variables.
set -eu

folder=$(dirname "$0")
archive="$ARCHIVE_DIR/${SANDBOX_IMAGE##*:}.tar"

answers() {
  docker version >/dev/null 2>&1
}

present() {
  docker image inspect "$SANDBOX_IMAGE" >/dev/null 2>&1
}

load() {
  [ -f "$archive" ] || return 1
  echo "loading $SANDBOX_IMAGE from the state volume"
  if docker image load --quiet --input "$archive" && present; then return 0; fi
  # A daemon that has gone away says nothing of the archive. One that cannot be read is worth nothing: build anew.
  answers || return 1
  rm -f "$archive"
  return 1
}

build() {
  echo "building $SANDBOX_IMAGE from $BASE_IMAGE"
  docker build --quiet --build-arg "BASE_IMAGE=$BASE_IMAGE" --tag "$SANDBOX_IMAGE" - <"$folder/Dockerfile"
}

keep() {
  [ ! -f "$archive" ] || return 0
  # Written aside and renamed, so that a half-written archive is never taken for a whole one. One chain: `set -e` does not
  # hold in a function whose failure its caller handles.
  mkdir -p "$ARCHIVE_DIR" &&
    docker image save --output "$archive.part" "$SANDBOX_IMAGE" &&
    mv "$archive.part" "$archive" &&
    find "$ARCHIVE_DIR" -type f ! -name "${archive##*/}" -exec rm -f {} +
}

# The gateway's container has no docker client of its own. Renamed into place: after a restart of this one it is in use.
cp "$(command -v docker)" /cli/docker.new
mv -f /cli/docker.new /cli/docker

# Nobody waits for the daemon before this container starts.
answers || echo "waiting for the docker daemon"
until answers; do sleep 1; done

wait=1
until present || load || build; do
  echo "no sandbox image yet; the next try is in $wait s" >&2
  sleep "$wait"
  [ "$wait" -ge 10 ] || wait=$((wait * 2))
done
keep || echo "could not keep $SANDBOX_IMAGE on the state volume; the next start will build it again" >&2
