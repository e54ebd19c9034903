#!/bin/sh
# Removes what a pod, a network or a cluster of the tests leaves on the machine. Waits for the end of its standard input, which
# the test process keeps open: it ends when the test is done, and also when that process is interrupted or killed.
#
# Arguments: its name, its folder, runc.
set -u

name=$1
folder=$2
runc=$3

cat >/dev/null

# A cluster's first process ends all others, and ends after them. Its start time is compared too, because its PID may be reused.
if [ -f "$folder/init" ]; then
  read -r init started <"$folder/init"
  while [ "$(awk '{ print $22 }' "/proc/$init/stat" 2>/dev/null)" = "$started" ]; do
    kill -KILL "$init"
    sleep 0.1
  done
fi
for container in "$folder"/runc/*; do
  [ -d "$container" ] && "$runc" --root "$folder/runc" delete --force "$(basename "$container")"
done
awk -v folder="$folder" '$5 == folder || index($5, folder "/") == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r mount; do
  umount --lazy "$mount"
done
[ -e "/run/netns/$name" ] && ip netns delete "$name"
[ -e "/sys/class/net/$name" ] && ip link delete "$name"
find /sys/fs/cgroup -depth -type d -path "*/$name/*" -exec rmdir {} + 2>/dev/null
find /sys/fs/cgroup -depth -type d -name "$name" -exec rmdir {} + 2>/dev/null
rm -rf --one-file-system "$folder"
