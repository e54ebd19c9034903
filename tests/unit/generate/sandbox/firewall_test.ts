import assert from "node:assert/strict";
import { join } from "node:path";
import { readPack } from "openclaw-pack";
import { internet } from "../../../../src/model/internet.ts";
import { privateNetworksList } from "../../../../src/generate/sandbox/private_networks.ts";

const SCRIPT = "src/generate/sandbox/firewall.sh";

/**
 * Fakes of iptables, ip6tables and their -restore, which record each change and what is restored. A rule "exists" if it was
 * inserted before. The file `broken-NAME` makes NAME fail. The e2e tests check the effect of the rules on real pods.
 */
const IPTABLES = `#!/bin/sh
name=\${0##*/}
[ ! -e "broken-$name" ] || exit 3
case "$name $*" in
  *-restore*) { echo "$name $*"; cat; } >>calls ;;
  *" -C "*) grep -qxF "$(echo "$name $*" | sed 's/ -C / -I /')" calls ;;
  *" -S "*) ;;
  *) echo "$name $*" >>calls ;;
esac
`;

const NO_IPV6 = "00000000000000000000000000000001 01 80 10 80 lo\nfe800000000000000000000000000001 02 40 20 80 eth0\n";
const IPV6 = `${NO_IPV6}fd00000000000000000000000000000a 02 40 00 80 eth0\n`;

interface Files {
  readonly "private-networks.txt"?: string;
  readonly "resolv.conf"?: string;
  readonly if_inet6?: string;
  /** Programs that fail. */
  readonly broken?: readonly string[];
}

interface Ran {
  readonly success: boolean;
  readonly stderr: string;
  /** What was last restored, by program. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** Rules that were inserted. */
  readonly inserted: readonly string[];
}

/** Runs the script once for each set of files, in the same folder. */
async function run(...runs: readonly Files[]): Promise<Ran> {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["iptables", "ip6tables", "iptables-restore", "ip6tables-restore"]) {
      await Deno.writeTextFile(join(folder, name), IPTABLES, { mode: 0o755 });
    }
    await Deno.writeTextFile(join(folder, "calls"), "");
    const script = (await Deno.readTextFile(SCRIPT)).replaceAll("/etc/resolv.conf", "resolv.conf")
      .replaceAll("/proc/net/if_inet6", "if_inet6");
    await Deno.writeTextFile(join(folder, "firewall.sh"), script);
    let success = false;
    let stderr = "";
    for (const { broken = [], ...given } of runs) {
      const files = {
        "private-networks.txt": "# a comment: none\n10.0.0.0/8\n192.168.0.0/16\nfc00::/7\n",
        "resolv.conf": "search a.svc\nnameserver 10.96.0.10\noptions ndots:5\n",
        if_inet6: NO_IPV6,
        ...given,
      };
      for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(folder, name), text);
      for (const name of broken) await Deno.writeTextFile(join(folder, `broken-${name}`), "");
      const output = await new Deno.Command("sh", {
        args: ["./firewall.sh"],
        cwd: folder,
        env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
      }).output();
      success = output.success;
      stderr = new TextDecoder().decode(output.stderr);
    }
    const calls = (await Deno.readTextFile(join(folder, "calls"))).trim().split("\n");
    const tables: Record<string, string[]> = {};
    const inserted: string[] = [];
    let table: string[] = [];
    for (const call of calls) {
      const restore = /^(ip6?tables)-restore /.exec(call)?.[1];
      if (restore !== undefined) tables[restore] = table = [];
      else if (/^ip6?tables /.test(call)) inserted.push(call);
      else table.push(call);
    }
    return { success, stderr, tables, inserted };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const chain = (...rules: readonly string[]) => [
  "*mangle",
  ":SANDBOXES - [0:0]",
  ...rules.map((rule) => `-A SANDBOXES ${rule}`),
  "COMMIT",
];
const dns = (nameserver: string) =>
  ["udp", "tcp"].map((protocol) => `-d ${nameserver} -p ${protocol} --dport 53 -j RETURN`);
const drop = (network: string) => `-d ${network} -j DROP`;
const JUMPS = ["iptables", "ip6tables"].flatMap((program) =>
  ["docker0", "br-+"].flatMap((bridge) => [
    `${program} -w -t filter -I INPUT -i ${bridge} -j DROP`,
    `${program} -w -t mangle -I FORWARD -i ${bridge} -j SANDBOXES`,
  ])
);

Deno.test("the sandboxes reach only the pod's resolver and public addresses, in both families", async () => {
  const { success, tables, inserted } = await run({});
  assert.ok(success);
  assert.deepEqual(tables, {
    iptables: chain(...dns("10.96.0.10"), drop("10.0.0.0/8"), drop("192.168.0.0/16")),
    ip6tables: chain(drop("fc00::/7")),
  });
  assert.deepEqual(inserted, JUMPS);
});

Deno.test("the sandboxes reach every nameserver of the pod: NodeLocal DNSCache, several, IPv6", async () => {
  const { tables } = await run({
    "resolv.conf": "nameserver 169.254.20.10\nnameserver\t10.96.0.10\n#nameserver 1.1.1.1\nnameserver fd00::a\n" +
      "nameserver fe80::1%eth0\n",
  });
  const [v4, v6] = [tables.iptables ?? [], tables.ip6tables ?? []];
  const returns = (table: readonly string[]) => table.filter((line) => line.endsWith("RETURN"));
  assert.deepEqual(returns(v4), chain(...dns("169.254.20.10"), ...dns("10.96.0.10")).slice(2, -1));
  assert.deepEqual(returns(v6), chain(...dns("fd00::a"), ...dns("fe80::1")).slice(2, -1));
});

Deno.test("another run replaces the chain and repeats no rule", async () => {
  const { tables, inserted } = await run({}, { "private-networks.txt": "172.16.0.0/12\nfe80::/10\n" });
  assert.deepEqual(tables.iptables, chain(...dns("10.96.0.10"), drop("172.16.0.0/12")));
  assert.deepEqual(tables.ip6tables, chain(drop("fe80::/10")));
  assert.deepEqual(inserted, JUMPS);
});

Deno.test("a list without a network fails, and so does a refused rule", async () => {
  for (const list of ["", "# nothing but 10.0.0.0/8 in a comment\n", "fc00::/7\n", "10.0.0.0/8\n"]) {
    const { success, stderr } = await run({ "private-networks.txt": list });
    assert.ok(!success, list);
    assert.match(stderr, /private-networks\.txt names no network for ip6?tables/);
  }
  for (const name of ["iptables", "iptables-restore", "ip6tables-restore"]) {
    assert.ok(!(await run({ broken: [name] })).success, name);
  }
});

Deno.test("a node that cannot filter IPv6 is accepted only for a pod without IPv6", async () => {
  const broken = ["ip6tables", "ip6tables-restore"];
  const { success, tables, inserted } = await run({ broken });
  assert.ok(success);
  assert.deepEqual(Object.keys(tables), ["iptables"]);
  assert.deepEqual(inserted, JUMPS.filter((rule) => rule.startsWith("iptables ")));
  const failed = await run({ broken, if_inet6: IPV6 });
  assert.ok(!failed.success);
  assert.match(failed.stderr, /the pod has IPv6, but this node cannot filter it/);
});

Deno.test("the list has every range that is not part of the internet, and is never empty", () => {
  for (const pack of ["{}", "cluster: { blockedCidrs: [198.51.100.0/24, '2001:db8::/32'] }"]) {
    const { config } = readPack(pack);
    const [comment = "", ...lines] = privateNetworksList(config).trimEnd().split("\n");
    assert.match(comment, /^# Generated by openclaw-pack/);
    assert.deepEqual(lines, internet(config).flatMap(({ except }) => except));
  }
  // If IPv6 is entirely blocked, the policies have no IPv6 block.
  const { config } = readPack("cluster: { blockedCidrs: ['::/0'] }");
  assert.ok(privateNetworksList(config).endsWith("\n::/0\n"));
});
