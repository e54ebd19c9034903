/**
 * The generated gateway as processes of this machine: the commands, arguments and variables of its containers, with the paths of
 * the image moved into a folder of the test's own. Three things differ from the trial's own files: the gateway listens on loopback
 * and a free port, the model's address is a stub's, and the sandbox is off, since there is no docker daemon here.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { exec, must, type OpenClaw, type Outcome } from "../judges/parts.ts";
import { baseObjects, filesOf, type Json, objectOf, textOf } from "../support.ts";

/** Plainly fake, but long enough for OpenClaw. */
const KEYS = { OPENCLAW_GATEWAY_TOKEN: "fake-gateway-token-for-the-backup-judge", LITELLM_PROXY_KEY: "fake-proxy-key" };

/** A deployment on this machine. */
export interface Deployment extends AsyncDisposable {
  /** What the container has as the user's home: the volume. */
  readonly home: string;
  /** Runs the init step, as each start of the pod does; then the gateway, until `use` is done. */
  withGateway(use: (gateway: Gateway) => Promise<void>): Promise<void>;
  /** Runs backup.sh as the generated CronJob does, with these arguments. */
  backup(...args: string[]): Promise<Outcome>;
}

/** A gateway that answers. */
export interface Gateway {
  /** One turn of a conversation. */
  say(message: string): Promise<void>;
  /** What was said in the main session. */
  history(): Promise<string>;
}

/** Sets one up, without a state. */
export async function deployment({ node, app }: OpenClaw): Promise<Deployment> {
  const folder = await Deno.makeTempDir({ prefix: "openclaw-backup-" });
  const home = join(folder, "home");
  const [model, port] = [stubModel(), freePort()];
  const files = await filesOf();
  const objects = baseObjects(files);
  const { containers: [gateway], initContainers } = objectOf(objects, "Deployment", "openclaw").spec.template.spec;
  const prepare = initContainers.find(({ name }: Json) => name === "prepare-state");
  const [archive] = objectOf(objects, "CronJob", "openclaw-backup").spec.jobTemplate.spec.template.spec.containers;

  for (const name of ["home", "tmp", "config", "init", "backup", "workspace"]) await Deno.mkdir(join(folder, name));
  const config = JSON.parse(
    here(textOf(files, "kustomize/overlays/trial/config/openclaw-config/openclaw.json")),
  ) as Json;
  config.agents.defaults.sandbox.mode = "off";
  config.models.providers.litellm.baseUrl = `http://127.0.0.1:${model.addr.port}/v1`;
  Object.assign(config.gateway, { bind: "loopback", port });
  await Deno.writeTextFile(join(folder, "config/openclaw.json"), JSON.stringify(config));
  for (const path of ["init/prepare-state.sh", "backup/backup.sh"]) {
    await Deno.writeTextFile(join(folder, path), textOf(files, `kustomize/base/config/openclaw-${path}`));
  }
  await Deno.writeTextFile(
    join(folder, "workspace/SOUL.md"),
    textOf(files, "kustomize/base/config/openclaw-workspace/SOUL.md"),
  );

  /** Paths of the image, as they are here. */
  function here(text: string): string {
    return text.replaceAll(
      /(?<![\w.])\/(home\/node|tmp|config|init|backup|workspace)(?=[/"\s]|$)/g,
      (_, path: string) => join(folder, path === "home/node" ? "home" : path),
    );
  }
  const call = (container: Json, words: readonly string[]) => ({
    args: words.slice(1).map(here),
    options: {
      cwd: app,
      clearEnv: true,
      env: {
        PATH: `${join(node, "..")}:/usr/bin:/bin`,
        TMPDIR: join(folder, "tmp"),
        ...Object.fromEntries(
          container.env.filter(({ value }: Json) => value !== undefined).map(({ name, value }: Json) => [
            name,
            name === "PATH" ? `${join(node, "..")}:${value}` : here(value),
          ]),
        ),
      } as Record<string, string>,
    },
  });
  const cli = async (...args: string[]) => {
    const { options } = call(gateway, []);
    return (await must(node, ["openclaw.mjs", ...args], { ...options, env: { ...options.env, ...KEYS } })).stdout;
  };

  return {
    home,
    backup: async (...args) => {
      const { args: words, options } = call(archive, [...archive.command.slice(0, -1), ...args]);
      return await exec("sh", words, options);
    },
    withGateway: async (use) => {
      const step = call(prepare, prepare.command);
      await must("sh", step.args, step.options);
      const words = gateway.args.map((word: string) => ({ lan: "loopback", "18789": String(port) })[word] ?? word);
      const { args, options } = call(gateway, words);
      const process = new Deno.Command(node, {
        args,
        ...options,
        env: { ...options.env, ...KEYS },
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      try {
        await started(port, process);
        await use({
          say: async (message) => {
            const answer = await cli("agent", "--agent", "main", "--message", message, "--json");
            assert.match(answer, /the stub has heard/);
          },
          history: () =>
            cli("gateway", "call", "chat.history", "--params", '{"sessionKey":"agent:main:main"}', "--json"),
        });
      } finally {
        process.kill("SIGTERM");
        await process.status;
      }
    },
    [Symbol.asyncDispose]: async () => {
      await model.shutdown();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function started(port: number, process: Deno.ChildProcess): Promise<void> {
  let over = false;
  process.status.then(() => over = true);
  const end = Date.now() + 180_000;
  while (Date.now() < end && !over) {
    const answer = await fetch(`http://127.0.0.1:${port}/startupz`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok && /json/.test(answer.headers.get("content-type") ?? "")) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(over ? "the gateway ended at its start" : "the gateway was not up in 180 s");
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** LiteLLM's API as far as one turn needs it. */
function stubModel(): Deno.HttpServer<Deno.NetAddr> {
  const delta = { role: "assistant", content: "the stub has heard you" };
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { model, stream } = request.method === "POST" ? await request.json() : {};
    const event = (object: Json) => `data: ${JSON.stringify({ id: "stub", created: 1, model, ...object })}\n\n`;
    const chunk = (choice: Json) => event({ object: "chat.completion.chunk", choices: [{ index: 0, ...choice }] });
    if (stream) {
      const body = chunk({ delta, finish_reason: null }) + chunk({ delta: {}, finish_reason: "stop" });
      return new Response(`${body}data: [DONE]\n\n`, { headers: { "content-type": "text/event-stream" } });
    }
    return Response.json({
      id: "stub",
      created: 1,
      model,
      choices: [{ index: 0, message: delta, finish_reason: "stop" }],
    });
  });
}
