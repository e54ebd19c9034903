#!/bin/sh
# Undoes what a pod or a network of the tests leaves on the machine. Waits for the end of its standard input, which the test
# process holds open: it comes when the test is done with it, and as well when that process is interrupted or killed.
#
# Arguments: the name of the pod or network, its folder, runc.
set -u

name=$1
folder=$2
runc=$3

cat >/dev/null

for container in "$folder"/runc/*; do
  [ -d "$container" ] && "$runc" --root "$folder/runc" delete --force "$(basename "$container")"
done
awk -v prefix="$folder/" 'index($5, prefix) == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r mount; do
  umount --lazy "$mount"
done
[ -e "/run/netns/$name" ] && ip netns delete "$name"
[ -e "/sys/class/net/$name" ] && ip link delete "$name"
find /sys/fs/cgroup -depth -type d -path "*/$name/*" -exec rmdir {} + 2>/dev/null
find /sys/fs/cgroup -depth -type d -name "$name" -exec rmdir {} + 2>/dev/null
rm -rf --one-file-system "$folder"
