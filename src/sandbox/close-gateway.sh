#!/bin/sh
# Shuts the pod's own ports to the sandboxes. They reach the world through the pod's network namespace, where the gateway
# listens too, and a NetworkPolicy sees no traffic inside a pod. Runs each time the docker daemon's container starts.
set -eu

for bridge in docker0 br-+; do
  iptables -w -C INPUT -i "$bridge" -j DROP 2>/dev/null || iptables -w -I INPUT -i "$bridge" -j DROP
  # The bridges have no IPv6 addresses of their own; a node without the module for it needs no rule.
  ip6tables -w -C INPUT -i "$bridge" -j DROP 2>/dev/null || ip6tables -w -I INPUT -i "$bridge" -j DROP 2>/dev/null || true
done
