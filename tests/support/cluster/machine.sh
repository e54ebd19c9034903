#!/bin/sh
# Sets up a machine within the machine. Runs as the first process of new pid, mount and network namespaces, and continues as
# `pause`. Everything that it mounts, sets and starts ends with it.
#
# Arguments: the folder for its files, its static configuration, its certificates, the CNI plugins, the pause program. Prints
# "ready" when done.
set -eu

folder=$1
config=$2
pki=$3
cni=$4
pause=$5

bind() { # from to
  mkdir -p "$1" "$2"
  mount --bind "$1" "$2"
}

# Fixed paths, so that configuration files can name them. Nothing here needs those of the host.
mount -t tmpfs -o mode=755 cluster /run
bind "$config" /run/cluster/config
bind "$pki" /run/cluster/pki
bind "$cni" /run/cluster/cni
bind "$folder/kubeconfig" /run/cluster/kubeconfig
bind "$folder/lib" /var/lib
bind "$folder/log" /var/log
# Pods use the cluster's DNS, which has no upstream.
: >/run/cluster/resolv.conf

# The kubelet requires these settings, and would change them for the entire host. It finds them already set instead.
while read -r setting value; do
  [ -e "/proc/sys/$setting" ] || continue
  mkdir -p "/run/cluster/sysctl/$(dirname "$setting")"
  echo "$value" >"/run/cluster/sysctl/$setting"
  mount --bind "/run/cluster/sysctl/$setting" "/proc/sys/$setting"
done <<END
kernel/keys/root_maxbytes 25000000
kernel/keys/root_maxkeys 1000000
kernel/panic 10
kernel/panic_on_oops 1
vm/overcommit_memory 1
vm/panic_on_oom 0
END

# The node's network. Its only link leads to the internet's namespace, which has no further routes.
ip link set lo up
ip netns add world
ip -n world link set lo up
ip link add uplink type veth peer name node netns world
ip address add 10.200.0.1/24 dev uplink
ip link set uplink up
ip -n world address add 10.200.0.254/24 dev node
ip -n world link set node up
ip -n world address add 203.0.113.10/32 dev lo
ip -n world route add 10.244.0.0/16 via 10.200.0.1
ip route add default via 10.200.0.254
sysctl --quiet --write net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1

echo ready
exec "$pause" stdin
