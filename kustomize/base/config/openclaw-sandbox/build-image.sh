#!/bin/sh
# Ensures that the docker daemon has the sandbox image, without which every turn of the assistant fails.
#
# The daemon's own storage ends with the pod, so the image is also kept as an archive on the state volume: a restart then needs
# no network and no build. Exits once the image exists and is archived.
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
  # If the daemon has stopped, the archive may still be valid. Otherwise the archive is unreadable, so it is deleted and the
  # image is built again.
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
  # Written to another file and renamed, so that a partial archive is never used. The commands are chained, because `set -e` is
  # off in a function whose failure the caller handles.
  mkdir -p "$ARCHIVE_DIR" &&
    docker image save --output "$archive.part" "$SANDBOX_IMAGE" &&
    mv "$archive.part" "$archive" &&
    find "$ARCHIVE_DIR" -type f ! -name "${archive##*/}" -exec rm -f {} +
}

# The gateway's image has no docker client. Renamed into place, because after a restart of this container the old file may be in
# use.
cp "$(command -v docker)" /cli/docker.new
mv -f /cli/docker.new /cli/docker

# Nothing waits for the daemon before this container starts.
answers || echo "waiting for the docker daemon"
until answers; do sleep 1; done

wait=1
until present || load || build; do
  echo "no sandbox image yet; the next try is in $wait s" >&2
  sleep "$wait"
  [ "$wait" -ge 10 ] || wait=$((wait * 2))
done
keep || echo "could not keep $SANDBOX_IMAGE on the state volume; the next start will build it again" >&2
