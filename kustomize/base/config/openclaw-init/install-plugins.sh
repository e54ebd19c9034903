#!/bin/sh
# Installs the Discord plugin, at the gateway's own version, once: it stays on the state volume, so that a restart needs no
# network. Left to itself the gateway would install it at some start, unpinned, and not get ready where it can't.
#
# Environment: PLUGIN (name@version), OPENCLAW_STATE_DIR, HOME, XDG_CACHE_HOME, npm_config_cache.
set -eu
umask 077

name=${PLUGIN%@*}
version=${PLUGIN##*@}

installed_version() {
  for manifest in "$OPENCLAW_STATE_DIR"/npm/projects/*/node_modules/"$name"/package.json; do
    [ -f "$manifest" ] || continue
    node -p 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).version' "$manifest"
  done
}

if [ "$(installed_version)" = "$version" ]; then
  echo "$PLUGIN is installed"
  exit 0
fi

# The command writes into a configuration; it gets one of its own to write into.
mkdir -p /tmp/install
export OPENCLAW_CONFIG_PATH=/tmp/install/openclaw.json OPENCLAW_CONFIG_READONLY=0
if [ -n "$(installed_version)" ]; then
  node openclaw.mjs plugins install "$PLUGIN" --pin --force
else
  node openclaw.mjs plugins install "$PLUGIN" --pin
fi
# /tmp is memory, and the gateway's too.
rm -rf /tmp/install "${npm_config_cache:?}"
