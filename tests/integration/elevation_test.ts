/**
 * Commands outside the sandbox need the yes of a listed person, each its own (requirement E3): the generated gateway with its real
 * Discord plugin, and every way that a model, a message or a session has to ask. What ran outside leaves a file on the state
 * volume, which the sandbox does not see.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { IMAGES } from "../../src/tables/pins.ts";
import { imageVersion } from "../../src/values/image_reference.ts";
import { until } from "../support/cluster/kubectl.ts";
import type { Json } from "../support/support.ts";
import { tool } from "../support/tools.ts";
import {
  type ElevatedGateway,
  elevatedObjects,
  LISTED,
  startElevatedGateway,
  STRANGER,
  TALKER,
} from "../support/runtime/elevated_gateway.ts";
import { cli, cliJson } from "../support/runtime/gateway_cli.ts";
import { withContainer, withJson } from "../support/runtime/objects.ts";
import { builtVolume } from "../support/runtime/sandbox_image.ts";
import { podRuntime } from "../support/runtime/scratch.ts";

const CONFIG = "openclaw.json";
const WAIT_MS = 20_000;
const SESSION = `agent:main:discord:direct:${LISTED}`;

const given = await tool("commands outside the sandbox", async () => {
  await podRuntime(IMAGES.openclaw, IMAGES.docker, IMAGES.sandboxBase);
  await builtVolume();
  return { listed: await elevatedObjects([LISTED]), nobody: await elevatedObjects([]) };
});
const { ignore } = given;
const { listed, nobody } = given.value ?? {};
const options = { version: imageVersion(IMAGES.openclaw), timeoutMs: WAIT_MS };

/** The commands that the skills run outside the sandbox, without those that reach GitHub first. */
const SKILL_COMMANDS = [
  'sh /etc/openclaw-git/repo.sh publish boxp/arch my-branch outbox/my-branch.bundle --title "外形監視の間隔を 5 分にする"',
  "sh /etc/openclaw-git/repo.sh review-local main my-branch outbox/my-branch.bundle",
];

/** What a message has the model call. */
const exec = (args: Json) => `CALL exec ${JSON.stringify(args)}`;

Deno.test({
  name: "a command leaves the sandbox only with a listed user's approval",
  ignore,
  fn: async (t) => {
    await using gateway = await startElevatedGateway(listed, options);
    const { pod, volume } = gateway;

    await t.step("a command in the sandbox needs no approval", async () => {
      for (const user of [LISTED, TALKER]) {
        const { card, result } = await gateway.say(user, exec({ command: "id -un" }));
        assert.deepEqual([card, result?.trim()], [undefined, "sandbox"]);
      }
    });

    await t.step("outside the sandbox, only a listed user's approval counts, and only once", async () => {
      const proof = proofOf(volume);
      for (let time = 0; time < 2; time++) {
        const card = await asked(gateway, LISTED, exec({ command: `touch ${proof.path}`, elevated: true }));
        assert.equal(card.to, LISTED);
        assert.ok(card.text.includes(`touch ${proof.path}`), card.text);
        assert.deepEqual(Object.keys(card.buttons), ["Allow Once", "Deny"]);
        for (const user of [TALKER, STRANGER]) {
          assert.match(await gateway.click(user, card, /allow/i), /not authorized/);
        }
        assert.equal(await proof.taken(), false);
        await gateway.resultOf(() => gateway.click(LISTED, card, /allow/i));
        assert.equal(await proof.taken(), true);
      }
    });

    await t.step("a command that is denied or not answered does not run", async () => {
      const proof = proofOf(volume);
      const call = exec({ command: `touch ${proof.path}`, elevated: true });
      const no = await asked(gateway, LISTED, call);
      assert.match(await gateway.resultOf(() => gateway.click(LISTED, no, /deny/i)), /user-denied/);
      await asked(gateway, LISTED, call);
      assert.match(await gateway.resultOf(() => Promise.resolve()), /approval-timeout/);
      assert.equal(await proof.taken(), false);
    });

    await t.step("no directive in a message disables approvals", async () => {
      const proof = proofOf(volume);
      const call = exec({ command: `touch ${proof.path}`, elevated: true });
      assert.match((await gateway.say(LISTED, "/elevated full")).said ?? "", /full/);
      for (const text of [call, `/exec ask=off security=full ${call}`, `/exec host=gateway ask=off ${call}`]) {
        await denied(gateway, await asked(gateway, LISTED, text));
      }
      // The session's own level takes no command outside by itself.
      assert.equal((await gateway.say(LISTED, exec({ command: "id -un" }))).result?.trim(), "sandbox");
      assert.match((await gateway.say(LISTED, "/elevated off")).said ?? "", /disabled/);
      const quoted = `they wrote "/elevated full" and "/exec ask=off security=full" there ${call}`;
      await denied(gateway, await asked(gateway, LISTED, quoted));
      assert.equal(await proof.taken(), false);
    });

    await t.step(
      "a user who may only talk runs nothing outside the sandbox, and no approval is requested",
      async () => {
        const proof = proofOf(volume);
        const command = `touch ${proof.path}`;
        const say = async (text: string) => {
          const { card, result = "" } = await gateway.say(TALKER, text);
          assert.equal(card, undefined, text);
          return result;
        };
        assert.match(await say(exec({ command, elevated: true })), /elevated is not available/);
        assert.equal((await say(exec({ command: "id -un", host: "gateway" }))).trim(), "sandbox");
        await gateway.say(TALKER, "/exec host=gateway");
        for (const text of [exec({ command }), `/exec ask=off security=full ${exec({ command })}`]) {
          assert.match(await say(text), /exec host not allowed/);
        }
        await gateway.say(TALKER, "/exec host=auto");
        assert.equal((await say(exec({ command: "id -un" }))).trim(), "sandbox");
        assert.equal(await proof.taken(), false);
      },
    );

    await t.step("a command that an approval would not show entirely is refused without a request", async () => {
      const proof = proofOf(volume);
      const touch = `touch ${proof.path}`;
      const hidden: Json[] = [
        { command: `echo ${"a".repeat(1000)}; ${touch}` },
        { command: `echo a\n${touch}` },
        { command: `echo "a\u202e"; ${touch}` },
        { command: touch, env: { GH_PAGER: touch } },
        { command: "sh", pty: true, background: true },
      ];
      for (const args of hidden) {
        const { card, result = "" } = await gateway.say(LISTED, exec({ ...args, elevated: true }));
        assert.deepEqual([card, result.startsWith("outside the sandbox:")], [undefined, true], result);
      }
      // Nor can anything be typed into a program that was allowed.
      assert.ok(gateway.model.tools.includes("exec"));
      for (const tool of ["process", "cron", "gateway", "nodes"]) assert.ok(!gateway.model.tools.includes(tool), tool);
      assert.equal(await proof.taken(), false);
    });

    await t.step("a script that changes after the request does not run", async () => {
      const proof = proofOf(volume);
      await gateway.say(LISTED, exec({ command: "echo true > s.sh" }));
      const card = await asked(gateway, LISTED, exec({ command: "sh s.sh", elevated: true }));
      await Deno.writeTextFile(join(gateway.workspace, "s.sh"), `touch ${proof.path}\n`);
      const result = await gateway.resultOf(() => gateway.click(LISTED, card, /allow/i));
      assert.match(result, /changed before execution/);
      assert.equal(await proof.taken(), false);
    });

    await t.step("the commands of the skills can be approved as they are", async () => {
      for (const command of SKILL_COMMANDS) {
        const card = await asked(gateway, LISTED, exec({ command, elevated: true }));
        assert.ok(card.text.includes(command), card.text);
        // There is nothing to exchange, which only the script itself can find.
        assert.match(await gateway.resultOf(() => gateway.click(LISTED, card, /allow/i)), /repo\.sh: /);
      }
    });

    await t.step("sub-agents, the web UI, the command line and schedules cannot request elevation", async () => {
      const proof = proofOf(volume);
      const call = exec({ command: `touch ${proof.path}`, elevated: true });
      const before = gateway.discord.posts.length;
      const refused = (action: () => Promise<unknown>) =>
        untilResult(gateway, action, /elevated is not available|outside the sandbox/);
      await refused(() => gateway.say(LISTED, `CALL sessions_spawn ${JSON.stringify({ task: call })}`));
      await refused(() => cli(pod, ["agent", "--agent", "main", "--json", "--message", call]));
      for (const sessionKey of ["agent:main:web", SESSION]) {
        const params = JSON.stringify({ sessionKey, idempotencyKey: crypto.randomUUID(), message: call });
        await refused(() => cli(pod, ["gateway", "call", "chat.send", "--json", "--params", params]));
      }
      for (const session of ["isolated", `session:${SESSION}`]) {
        const at = ["--agent", "main", "--name", crypto.randomUUID(), "--at", "1s", "--session", session];
        await refused(() => cli(pod, ["cron", "add", ...at, "--message", call]));
      }
      assert.deepEqual(
        gateway.discord.posts.slice(before).filter(({ buttons }) => Object.keys(buttons).length > 0),
        [],
      );
      assert.equal(await proof.taken(), false);
    });

    await t.step(
      "nothing runs while Discord is disconnected, and the request is still pending afterwards",
      async () => {
        const proof = proofOf(volume);
        const card = await asked(gateway, LISTED, exec({ command: `touch ${proof.path}`, elevated: true }));
        gateway.discord.disconnect();
        const { approvals } = await cliJson(pod, ["approvals", "pending"]);
        assert.equal(approvals.length, 1);
        gateway.discord.connect();
        await gateway.discord.online();
        await denied(gateway, card);
        assert.equal(await proof.taken(), false);
      },
    );

    await t.step("a start overwrites a changed approvals document", async () => {
      const open = JSON.stringify({ version: 1, defaults: { security: "full", ask: "off", askFallback: "full" } });
      await cli(pod, ["approvals", "set", "--stdin"], { stdin: open });
      await pod.container("openclaw").kill();
      await pod.restart("openclaw");
      const { file } = await cliJson(pod, ["approvals", "get"]);
      const defaults = { security: "allowlist", ask: "always", askFallback: "deny", autoAllowSkills: false };
      assert.deepEqual([file.defaults, file.agents ?? {}], [defaults, {}]);
    });
  },
});

Deno.test({
  name: "no command leaves the sandbox if no user is listed",
  ignore,
  fn: async () => {
    await using gateway = await startElevatedGateway(nobody, options);
    const proof = proofOf(gateway.volume);
    const command = `touch ${proof.path}`;
    assert.equal((await gateway.say(LISTED, exec({ command: "id -un" }))).result?.trim(), "sandbox");
    await gateway.say(LISTED, "/exec host=gateway");
    for (
      const text of [
        exec({ command, elevated: true }),
        exec({ command }),
        `/exec ask=off security=full ${exec({ command })}`,
      ]
    ) {
      const { card, result } = await gateway.say(LISTED, text);
      assert.equal(card, undefined);
      assert.match(result ?? "", /elevated is not available|exec host not allowed|exec denied/);
    }
    assert.equal(await proof.taken(), false);
  },
});

Deno.test({
  name: "control: each measure that is removed makes a difference",
  ignore,
  fn: async (t) => {
    await using gateway = await startElevatedGateway(withoutMeasures(listed), options);
    const { volume } = gateway;

    await t.step("without the approvals document, a directive disables approvals", async () => {
      const proof = proofOf(volume);
      const call = exec({ command: `touch ${proof.path}`, elevated: true });
      assert.equal((await gateway.say(LISTED, `/exec ask=off security=full ${call}`)).card, undefined);
      assert.equal(await proof.taken(), true);
    });

    await t.step("without the policy, a user who may only talk runs commands in the gateway's container", async () => {
      const proof = proofOf(volume);
      await gateway.say(TALKER, "/exec host=gateway");
      await gateway.say(TALKER, `/exec ask=off security=full ${exec({ command: `touch ${proof.path}` })}`);
      assert.equal(await proof.taken(), true);
    });

    await t.step("without the policy, an approval does not show the end of a long command", async () => {
      const proof = proofOf(volume);
      const command = `echo ${"a".repeat(1000)}; touch ${proof.path}`;
      const card = await asked(gateway, LISTED, exec({ command, elevated: true }));
      assert.ok(!card.text.includes(proof.path), card.text);
      await gateway.resultOf(() => gateway.click(LISTED, card, /allow/i));
      assert.equal(await proof.taken(), true);
    });
  },
});

/** A file that a command outside the sandbox makes; looking takes it away again. */
function proofOf(volume: string) {
  const name = `proof-${crypto.randomUUID()}`;
  return {
    path: `/home/node/${name}`,
    taken: () => Deno.remove(join(volume, name)).then(() => true, () => false),
  };
}

async function asked(gateway: ElevatedGateway, user: string, text: string) {
  const { card, result } = await gateway.say(user, text);
  assert.ok(card, `nobody was asked: ${result}`);
  return card;
}

async function denied(gateway: ElevatedGateway, card: Awaited<ReturnType<typeof asked>>): Promise<void> {
  assert.match(await gateway.resultOf(() => gateway.click(LISTED, card, /deny/i)), /user-denied/);
}

/** Waits until one of the results after an action is as expected. */
async function untilResult(gateway: ElevatedGateway, action: () => Promise<unknown>, expected: RegExp): Promise<void> {
  const before = gateway.model.results.length;
  await action();
  const found = () => Promise.resolve(gateway.model.results.slice(before).some((result) => expected.test(result)));
  await until(String(expected), found, { timeoutMs: 60_000 });
}

/** The generated objects without the approvals document and the policy; `tools.exec` still says that every command asks. */
function withoutMeasures(objects: readonly Json[]): Json[] {
  const changed = withContainer(objects, "openclaw", "openclaw", (container) => {
    container.args[2] = container.args[2].replace(/&& node openclaw\.mjs approvals set [^&]*/, "");
    assert.ok(!container.args[2].includes("approvals"));
  });
  return withJson(changed, CONFIG, ({ plugins, tools }) => {
    plugins.entries.elevation.enabled = false;
    tools.deny = tools.deny.filter((tool: string) => tool !== "process");
  });
}
