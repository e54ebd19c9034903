#!/bin/sh
# Installs the Discord plugin, at the gateway's own version, once. It stays on the state volume, so that a restart needs no
# network. Without this script the gateway would install it at some start, unpinned, and would not become ready if that failed.
#
# Environment: PLUGIN (name@version), OPENCLAW_STATE_DIR, HOME, XDG_CACHE_HOME, npm_config_cache.
set -eu
umask 077

name=${PLUGIN%@*}
version=${PLUGIN##*@}

# The commands write to a configuration, so they use a separate one.
mkdir -p /tmp/install
export OPENCLAW_CONFIG_PATH=/tmp/install/openclaw.json OPENCLAW_CONFIG_READONLY=0

# Asks OpenClaw which version it would load, because it keeps the folder of the old version next to the new one.
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
# /tmp is in memory, and shared with the gateway.
rm -rf /tmp/install "${npm_config_cache:?}"
