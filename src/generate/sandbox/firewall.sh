#!/bin/sh
# Confines the sandboxes to DNS and the internet. Their traffic leaves through the pod's network namespace, so a NetworkPolicy
# treats it as the gateway's, and they could reach everything that the gateway may reach. No policy sees traffic inside a pod.
#
# Runs each time the docker daemon's container starts. If it fails, the kubelet restarts the container.
set -eu

networks=$(dirname "$0")/private-networks.txt
chain=SANDBOXES

# The image's fallback for kernels without nf_tables.
iptables -w -t mangle -S FORWARD >/dev/null 2>&1 || PATH="/usr/local/sbin/.iptables-legacy:$PATH"

# Prints the lines of standard input with an address of the program's family.
of_family() {
  case $1 in
    ip6tables) sed -n '/:/p' ;;
    *) sed '/:/d' ;;
  esac
}

# Prints the nameservers that docker copies into the sandboxes. A link-local address may include its interface.
nameservers() {
  sed -n 's/^nameserver[[:space:]][[:space:]]*\([^[:space:]%]*\).*/\1/p' /etc/resolv.conf
}

# Prints the entire chain, which replaces its previous content.
rules() {
  echo "*mangle"
  echo ":$chain - [0:0]"
  for nameserver in $(nameservers | of_family "$1"); do
    for protocol in udp tcp; do
      echo "-A $chain -d $nameserver -p $protocol --dport 53 -j RETURN"
    done
  done
  for network in $(sed '/^#/d' "$networks" | of_family "$1"); do
    echo "-A $chain -d $network -j DROP"
  done
  echo "COMMIT"
}

# Inserts a rule at the beginning, unless it already exists.
first() {
  "$1" -w -t "$2" -C "$3" -i "$4" -j "$5" 2>/dev/null || "$1" -w -t "$2" -I "$3" -i "$4" -j "$5"
}

confine() {
  table=$(rules "$1")
  case $table in
    *DROP*) ;;
    *)
      echo "$networks names no network for $1" >&2
      exit 1
      ;;
  esac
  echo "$table" | "$1-restore" -w --noflush
  for bridge in docker0 br-+; do
    first "$1" filter INPUT "$bridge" DROP
    # Docker manages the filter table and inserts its own ACCEPT rules whenever it starts. It does not change the mangle table.
    first "$1" mangle FORWARD "$bridge" "$chain"
  done
}

# Succeeds if the pod has an IPv6 address other than loopback (10) and link-local (20).
has_ipv6() {
  awk '$4 != "10" && $4 != "20" { found = 1 } END { exit !found }' /proc/net/if_inet6 2>/dev/null
}

confine iptables
if ip6tables -w -t mangle -S FORWARD >/dev/null 2>&1; then
  confine ip6tables
elif has_ipv6; then
  echo "the pod has IPv6, but this node cannot filter it: ip6tables does not work" >&2
  exit 1
fi
