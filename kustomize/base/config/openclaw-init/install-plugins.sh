#!/bin/sh
# Installs the Discord plugin, as install-archives.sh does: its archive contains everything that it loads. Without a verified
# plugin, the gateway gets a configuration without Discord, because it would otherwise install the plugin itself, unpinned, and
# would not become ready if that failed.
#
# Usage: install-plugins.sh TABLE FOLDER. Environment: as for install-archives.sh, and MOUNT_POINT (the path on the state volume
# where the gateway's container has FOLDER).
set -eu
umask 077

here=$(dirname "$0")
sh "$here/install-archives.sh" "$1" "$2"
if [ -f "$2/discord/package/package.json" ]; then
  # The layout of `openclaw plugins install`, from which OpenClaw sees that the plugin is its own, with the link to OpenClaw in
  # the image. Without either, OpenClaw does not start the plugin.
  project="$2/projects/openclaw-discord-c0892df945"
  mkdir -p "$project/node_modules/@openclaw"
  version=$(sed -n 's/^discord \([^ ]*\) .*/\1/p' "$1")
  echo "{\"private\":true,\"dependencies\":{\"@openclaw/discord\":\"$version\"}}" >"$project/package.json"
  mv -T "$2/discord/package" "$project/node_modules/@openclaw/discord"
  ln -s /app "$project/node_modules/@openclaw/discord/node_modules/openclaw"
else
  mkdir -p "$2/config"
  cp "$here/openclaw-without-discord.json" "$2/config/openclaw.json"
  echo "the assistant starts without Discord; restart its pod to try again" >&2
fi

# No container starts if its mount point is not a folder. Nothing is deleted here, since that could take too long; an earlier
# version of this pack had the plugin there.
if [ -L "$MOUNT_POINT" ] || { [ -e "$MOUNT_POINT" ] && [ ! -d "$MOUNT_POINT" ]; }; then
  mv -T "$MOUNT_POINT" "$MOUNT_POINT.aside-$(date -u +%Y%m%dT%H%M%SZ)"
fi
mkdir -p "$MOUNT_POINT"
