#!/bin/sh
# Prints what a process can find out about its environment, as lines `name=value`. Runs as the agent's command in a sandbox, and
# in the gateway's container, where the same checks must fail.
#
# Environment: SECRETS (an extended regular expression that matches the secrets but not itself), PEERS (address:port, ...).

say() { printf '%s=%s\n' "$1" "$2"; }

say user "$(id -u):$(id -g):$(id -G)"
say init "$(tr '\0' ' ' </proc/1/cmdline)"
for field in CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp; do
  say "$field" "$(sed -n "s/^$field:[[:space:]]*//p" /proc/self/status)"
done
say root "$(awk '$2 == "/" { print substr($4, 1, 2) }' /proc/mounts)"
say secrets "$(
  {
    grep -Els "$SECRETS" /proc/[0-9]*/environ /proc/[0-9]*/cmdline
    grep -Erls --exclude-dir=proc --exclude-dir=sys -e "$SECRETS" /
  } | sort -u | tr '\n' ' '
)"
for peer in $PEERS; do
  (
    # bash expands these variables, not this shell.
    # shellcheck disable=SC2016
    if timeout 2 bash -c 'exec 3<>"/dev/tcp/${0%:*}/${0##*:}"' "$peer" 2>/dev/null; then say "$peer" open; else say "$peer" shut; fi
  ) &
done
wait
