#!/bin/bash
# Asks the gateway whether it has started, until it says so or as many seconds have passed as the argument says.
#
# Runs inside the gateway's container. The kubelet's own address can be in the pods' network, which the gateway takes for a
# proxy's, and a proxy that forwards for nobody gets 403 everywhere but at /healthz. By the shell, because each start of
# node would take a fifth of a second of CPU from the gateway.
set -u

limit=$1

# Only JSON counts: at an unknown path the gateway answers 200 with the web UI.
started() {
  local head
  exec 3<>/dev/tcp/127.0.0.1/18789 || return 1
  printf 'GET /startupz HTTP/1.0\r\n\r\n' >&3
  head=$(sed '/^\r$/q' <&3)
  shopt -s nocasematch
  [[ $head == 'HTTP/1.1 200 '*'content-type: application/json'* ]]
}

# In a subshell, which closes the connection; silent while the port is closed.
until (started) 2>/dev/null; do
  ((SECONDS < limit)) || exit 1
  sleep 0.2
done
