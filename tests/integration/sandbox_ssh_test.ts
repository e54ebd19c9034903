/**
 * Runs the real ssh sandbox (requirement B5): the generated gateway's pod, and the sandbox's pod from the image of
 * ssh.Dockerfile, with real keys. The NetworkPolicy that blocks the gateway and LiteLLM, and the kubelet's limit on processes,
 * are not covered.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { IMAGES } from "../../src/tables/pins.ts";
import { toMebibytes } from "../../src/values/quantity.ts";
import { tool } from "../support/tools.ts";
import { filesOf, type Json, SSH } from "../support/support.ts";
import { type Gateway, startGateway } from "../support/runtime/gateway_pod.ts";
import { type Network, network } from "../support/runtime/network.ts";
import { overlay, withJson, withText } from "../support/runtime/objects.ts";
import { type Pod, startPod } from "../support/runtime/pod.ts";
import { factsCommand, factsOf, fakeSecrets, faultsOf } from "../support/runtime/sandbox_facts.ts";
import { baseImage, sshImage } from "../support/runtime/sandbox_image.ts";
import { podRuntime } from "../support/runtime/scratch.ts";
import { type SshKeys, sshKeys } from "../support/runtime/ssh_keys.ts";
import { turn } from "../support/runtime/turns.ts";

// The newest version, with which only the ssh backend works on CRI-O.
const OPENCLAW = "ghcr.io/openclaw/openclaw:2026.9.6";
const HOST = "[sandbox.openclaw-sandbox.svc.cluster.local]:2222";
const PACK = {
  ...SSH,
  images: { openclaw: OPENCLAW },
  discord: {
    pluginIntegrity: "sha512-EjlDGt3+bFDi1y62kPZpXuvITH7VOTXlEBhqpGDSqVfF7JgitYcfrH1X7fZMJ1VFURAljlhWDKBMt3VALlYPBQ==",
  },
};

const generated = await tool("the ssh sandbox", async () => {
  await podRuntime(OPENCLAW, IMAGES.docker, IMAGES.sandboxBase);
  await baseImage();
  const objects = await overlay("kind", PACK);
  return { objects, images: { [PACK.sandbox?.image ?? ""]: await sshImage() }, files: await filesOf(PACK) };
});

Deno.test({
  name: "the ssh sandbox confines what a turn executes",
  ignore: generated.ignore,
  fn: async (t) => {
    const { objects } = generated.value;
    const keys = await sshKeys(HOST);
    await using net = await network();
    await using sandbox = await startSandbox(objects, net, keys);
    await using gateway = await startGateway({
      objects,
      network: net,
      secrets: { "openclaw-credentials": keys.openclaw },
    });
    const context = { secrets: foreignSecrets(keys), peers: [], user: 1000, init: /sshd/, shut: [], open: [] };

    await t.step("a command finds no secret of the gateway, and no privileges", async () => {
      assert.deepEqual(faultsOf(factsOf(await turn(gateway, { command: factsCommand(context) })), context), []);
    });

    await t.step("control: the same checks fail in the gateway's container", async () => {
      const { stdout } = await gateway.pod.exec("openclaw", ["sh", "-c", factsCommand(context)]);
      const facts = factsOf(stdout);
      assert.deepEqual(faultsOf(facts, context), ["its own process namespace", "no secret"]);
      assert.match(facts.secrets ?? "", /id_ed25519/);
    });

    await t.step("its files are on the sandbox's own volume, and survive a restart of the pod", async () => {
      const facts = factsOf(await turn(gateway, { command: "echo hello > note; echo folder=$(pwd)" }));
      assert.match(facts.folder ?? "", /^\/sandboxes\//);
      const { stdout } = await sandbox.exec("sandbox", ["stat", "--format", "%u %s", `${facts.folder}/note`]);
      assert.equal(stdout, "1000 6\n");
      await sandbox.container("sandbox").kill();
      await sandbox.restart("sandbox");
      assert.equal((await turn(gateway, { command: "cat note" })).trim(), "hello");
    });

    await t.step("its memory is limited", async () => {
      const limit = sandbox.spec.containers[0]?.resources?.limits?.memory;
      const mebibytes = Math.ceil(toMebibytes(String(limit)) * 1.1);
      const command = `python3 -c 'b"x" * (${mebibytes} << 20)'; echo "memory=$?"`;
      // 128 + SIGKILL.
      assert.equal(factsOf(await turn(gateway, { command })).memory, "137");
    });

    await t.step("the gateway's key opens a shell but no tunnel; another key is refused", async () => {
      assert.equal((await ssh(gateway, TRUE)).code, 0);
      assert.match(await tunnel(gateway), /stdio forwarding failed/);
      const other = (await sshKeys(HOST)).openclaw.SANDBOX_SSH_CLIENT_KEY;
      assert.match((await ssh(gateway, TRUE, other)).stderr, /Permission denied \(publickey\)/);
    });

    await t.step("a turn refuses a server with another host key", async () => {
      await sandbox[Symbol.asyncDispose]();
      await using _impostor = await startSandbox(objects, net, { ...keys, sandbox: await withOtherHostKey(keys) });
      const said = await turn(gateway, { command: "echo hello" });
      assert.match(said, /Host key verification failed/);
      assert.doesNotMatch(said, /^hello$/m);
    });
  },
});

Deno.test({
  name: "control: the checks of the ssh sandbox detect each missing measure",
  ignore: generated.ignore,
  fn: async (t) => {
    const keys = await sshKeys(HOST, "");
    const objects = withJson(
      withText(generated.value.objects, "sshd_config", "AllowTcpForwarding no", "AllowTcpForwarding yes"),
      "openclaw.json",
      (config) => config.agents.defaults.sandbox.ssh.strictHostKeyChecking = false,
    );
    await using net = await network();
    await using sandbox = await startSandbox(objects, net, keys);
    await using gateway = await startGateway({
      objects,
      network: net,
      secrets: { "openclaw-credentials": keys.openclaw },
    });

    await t.step("without `restrict` and with forwarding on the key opens a tunnel", async () => {
      assert.match(await tunnel(gateway), /^SSH-2\.0-/);
    });

    await t.step("without strict checking a turn accepts any server", async () => {
      await sandbox[Symbol.asyncDispose]();
      await using _impostor = await startSandbox(objects, net, { ...keys, sandbox: await withOtherHostKey(keys) });
      assert.match(await turn(gateway, { command: "echo hello" }), /^hello$/m);
    });
  },
});

async function startSandbox(objects: readonly Json[], net: Network, { sandbox }: SshKeys): Promise<Pod> {
  return await startPod({
    objects,
    deployment: "sandbox",
    network: net,
    images: generated.value.images,
    secrets: { "sandbox-credentials": sandbox },
  });
}

/** Values that the sandbox must not have. Its commands can read what its server reads, because both run as the same user. */
function foreignSecrets({ openclaw, sandbox }: SshKeys): string[] {
  const own = Object.keys(sandbox).map((name) => name.toLowerCase().replaceAll("_", "-"));
  const fake = fakeSecrets(generated.value.files).filter((value) => !own.some((name) => value.includes(name)));
  // Only the lines that are specific to this private key.
  return [...fake, ...openclaw.SANDBOX_SSH_CLIENT_KEY.split("\n").slice(3, 5)];
}

async function withOtherHostKey({ sandbox }: SshKeys): Promise<SshKeys["sandbox"]> {
  return { ...sandbox, SANDBOX_SSH_HOST_KEY: (await sshKeys(HOST)).sandbox.SANDBOX_SSH_HOST_KEY };
}

/** Runs the ssh client in the gateway's container, as configured in openclaw.json, with its key or another. */
async function ssh({ pod, volume }: Gateway, args: readonly string[], otherKey?: string) {
  const config = JSON.parse(await Deno.readTextFile(join(volume, ".openclaw/openclaw.json")));
  const { target, identityFile, knownHostsFile, strictHostKeyChecking } = config.agents.defaults.sandbox.ssh;
  const options = {
    BatchMode: "yes",
    IdentitiesOnly: "yes",
    UserKnownHostsFile: knownHostsFile,
    StrictHostKeyChecking: strictHostKeyChecking ? "yes" : "no",
  };
  const identity = otherKey === undefined ? identityFile : "/tmp/other-key";
  if (otherKey !== undefined) {
    await pod.exec("openclaw", ["sh", "-c", `umask 077; cat >${identity}`], { stdin: otherKey });
  }
  const given = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  return await pod.exec("openclaw", ["ssh", "-F", "none", "-i", identity, ...given, ...args, `ssh://${target}`]);
}

const TRUE = ["-o", "RemoteCommand=true"];

/** Returns what arrives through a tunnel to the sandbox's ssh server, or the error. */
async function tunnel(gateway: Gateway): Promise<string> {
  const { stdout, stderr } = await ssh(gateway, ["-W", "127.0.0.1:2222"]);
  return stdout || stderr;
}
