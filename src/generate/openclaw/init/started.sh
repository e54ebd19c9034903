#!/bin/bash
# Asks the gateway whether it has started, for at most the given number of seconds.
#
# Runs inside the gateway's container. The kubelet's address can be in the pods' network, which the gateway treats as a proxy,
# and a proxy that forwards no client address is answered with 403 everywhere except /healthz. It is a shell script, because
# each start of node would use a fifth of a second of the gateway's CPU.
set -u

limit=$1

# Accepts only JSON, because the gateway answers an unknown path with 200 and the web UI.
started() {
  local head
  exec 3<>/dev/tcp/127.0.0.1/18789 || return 1
  printf 'GET /startupz HTTP/1.0\r\n\r\n' >&3
  head=$(sed '/^\r$/q' <&3)
  shopt -s nocasematch
  [[ $head == 'HTTP/1.1 200 '*'content-type: application/json'* ]]
}

# The subshell closes the connection. Errors are hidden while the port is closed.
until (started) 2>/dev/null; do
  ((SECONDS < limit)) || exit 1
  sleep 0.2
done
