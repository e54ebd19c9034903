import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { DialTarget, ProbeReport } from "../../../../src/commands/verify/inside.ts";

const script = (name: string) => fileURLToPath(new URL(`../../../../src/commands/verify/${name}`, import.meta.url));

/** A TCP port that accepts connections, and a UDP port that echoes. */
const SERVER = `
const { createServer } = require("node:net");
const { createSocket } = require("node:dgram");
const tcp = createServer((c) => c.end()).listen(0, "127.0.0.1", () => {
  const udp = createSocket("udp4");
  udp.on("message", (m, from) => udp.send(m, from.port, from.address));
  udp.bind(0, "127.0.0.1", () => console.log(tcp.address().port, udp.address().port));
});`;

for (
  const [program, ...command] of [["node", "-e", await Deno.readTextFile(script("probe.cjs"))], [
    "python3",
    script("probe.py"),
  ]]
) {
  Deno.test({
    name: `the ${program} probe reports names without values, and which ports are open`,
    ignore: program === undefined || !await runs(program),
    fn: async () => {
      const server = new Deno.Command("node", { args: ["-e", SERVER], stdin: "null", stdout: "piped" }).spawn();
      try {
        const reader = server.stdout.getReader();
        const { value } = await reader.read();
        reader.releaseLock();
        const [open = 0, echo = 0] = new TextDecoder().decode(value).trim().split(" ").map(Number);
        const local = { host: "127.0.0.1" };
        const targets: DialTarget[] = [
          { id: 7, protocol: "TCP", ...local, port: open },
          // Nothing listens on port 1.
          { id: 8, protocol: "TCP", ...local, port: 1 },
          { id: 9, protocol: "UDP", ...local, port: echo, payload: "0c1a" },
          { id: 10, protocol: "UDP", ...local, port: 1, payload: "0c1a" },
        ];
        const { code, stdout, stderr } = await new Deno.Command(program ?? "", {
          args: [...command, JSON.stringify(targets)],
          env: { OPENCLAW_PACK_TEST: "a-value-that-must-stay-hidden" },
        }).output();
        assert.equal(code, 0, new TextDecoder().decode(stderr));
        const text = new TextDecoder().decode(stdout);
        assert.doesNotMatch(text, /a-value-that-must-stay-hidden/);
        const { uid, token, variables, dials } = JSON.parse(text) as ProbeReport;
        assert.deepEqual([uid, token], [Deno.uid(), false]);
        assert.ok(variables.includes("PATH"));
        assert.deepEqual(dials.map(({ id, tries }) => `${id} ${tries}`), [
          "7 open",
          "8 ECONNREFUSED,ECONNREFUSED",
          "9 open",
          "10 ECONNREFUSED,ECONNREFUSED",
        ]);
      } finally {
        server.kill();
        await Promise.all([server.status, server.stdout.cancel()]);
      }
    },
  });
}

/** Returns whether this machine has a program. The pods have both, but a developer's machine may not. */
async function runs(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}
