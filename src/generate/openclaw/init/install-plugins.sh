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
project=projects/openclaw-discord-c0892df945
plugin=$project/node_modules/@openclaw/discord
sh "$here/install-archives.sh" "$1" "$2"
if [ -f "$2/discord/package/package.json" ]; then
  # The layout of `openclaw plugins install`, from which OpenClaw sees that the plugin is its own, with the link to OpenClaw in
  # the image. Without either, OpenClaw does not start the plugin.
  mkdir -p "$2/$(dirname "$plugin")"
  version=$(sed -n 's/^discord \([^ ]*\) .*/\1/p' "$1")
  echo "{\"private\":true,\"dependencies\":{\"@openclaw/discord\":\"$version\"}}" >"$2/$project/package.json"
  mv -T "$2/discord/package" "$2/$plugin"
  ln -s /app "$2/$plugin/node_modules/openclaw"
else
  mkdir -p "$2/config"
  cp "$here/openclaw-without-discord.json" "$2/config/openclaw.json"
  echo "the assistant starts without Discord; restart its pod to try again" >&2
fi

# Below the mount point, the volume has nothing but empty folders: the backup's pod sees them, where OpenClaw refuses a
# configuration whose plugin's folder is missing. Anything else is renamed, since deleting it could take too long: an earlier
# version of this pack had the plugin there.
if [ -L "$MOUNT_POINT" ] || { [ -e "$MOUNT_POINT" ] && [ "$(timeout 10 find "$MOUNT_POINT" ! -type d -print -quit 2>&1)$?" != 0 ]; }; then
  aside=$(mktemp -u "$(dirname "$ARCHIVES_DIR")/npm.aside-$(date -u +%Y%m%dT%H%M%SZ)-XXXXXX")
  mv -T "$MOUNT_POINT" "$aside" && echo "$MOUNT_POINT is kept as $aside; nothing uses it any more" >&2
fi || :
mkdir -p "$MOUNT_POINT/$plugin" || echo "$MOUNT_POINT/$plugin could not be created, so the backup will fail" >&2
