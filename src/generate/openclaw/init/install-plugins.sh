#!/bin/sh
# Installs the Discord plugin, at the gateway's own version, once: it stays on the state volume, so that a restart needs no
# network. Left to itself the gateway would install it at some start, unpinned, and not get ready where it can't.
#
# Environment: PLUGIN (name@version), OPENCLAW_STATE_DIR, HOME, XDG_CACHE_HOME, npm_config_cache.
set -eu
umask 077

name=${PLUGIN%@*}
version=${PLUGIN##*@}

# The commands write into a configuration; they get one of their own to write into.
mkdir -p /tmp/install
export OPENCLAW_CONFIG_PATH=/tmp/install/openclaw.json OPENCLAW_CONFIG_READONLY=0

# OpenClaw is asked which one it would load: when it replaces a plugin, it keeps the folder of the old version beside the new.
installed_version() {
  node openclaw.mjs plugins list --json >/tmp/install/plugins.json
  node -p '
    const { plugins } = JSON.parse(require("node:fs").readFileSync("/tmp/install/plugins.json", "utf8"));
    plugins.find(({ rootDir }) => rootDir?.endsWith("/node_modules/" + process.argv[1]))?.version ?? "";
  ' "$name"
}

if [ "$(installed_version)" = "$version" ]; then
  echo "$PLUGIN is installed"
else
  node openclaw.mjs plugins install "$PLUGIN" --pin --force
fi
# /tmp is memory, and the gateway's too.
rm -rf /tmp/install "${npm_config_cache:?}"
