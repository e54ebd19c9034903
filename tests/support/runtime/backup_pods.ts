/**
 * The pods of a backup: the generated gateway's, and that of the generated CronJob. The sandbox is off, because no turn here
 * runs a command, and a scripted model replaces LiteLLM.
 *
 * @module
 */

import type { Outcome } from "../tools.ts";
import { type Json, objectOf } from "../support.ts";
import { cliJson, say } from "./gateway_cli.ts";
import { modelForLitellm, withoutSandbox } from "./gateway_pod.ts";
import { startWithoutDocker } from "./gateway_without_docker.ts";
import { network } from "./network.ts";
import { overlay } from "./objects.ts";
import { startPod } from "./pod.ts";

/** A running gateway. */
export interface Gateway {
  /** Runs one turn of a conversation. */
  say(message: string): Promise<void>;
  /** Returns the messages of the main session. */
  history(): Promise<string>;
}

/** Both pods, on one state volume. */
export interface BackupPods {
  /** Starts the gateway's pod, with its init containers, until `use` is done. */
  withGateway(use: (gateway: Gateway) => Promise<void>): Promise<void>;
  /** Runs the CronJob's pod with these arguments of backup.sh; `stdout` contains both outputs. */
  backup(...args: string[]): Promise<Pick<Outcome, "code" | "stdout">>;
}

/** Returns both pods, for a folder that is the volume. */
export async function backupPods(volume: string): Promise<BackupPods> {
  const objects = withoutSandbox(await overlay("kind"));
  const claims = { "openclaw-data": volume };
  return {
    withGateway: async (use) => {
      await using net = await network();
      await using _model = await modelForLitellm(net, objects);
      await using pod = await startWithoutDocker({ objects, network: net, claims });
      await use({
        say: async (message) => void await say(pod, message),
        history: async () => {
          const call = ["gateway", "call", "chat.history", "--params", '{"sessionKey":"agent:main:main"}'];
          return JSON.stringify(await cliJson(pod, call));
        },
      });
      await pod.stop();
    },
    backup: async (...args) => {
      await using pod = await startPod({
        objects: [...objects, asDeployment(objects, args)],
        deployment: BACKUP,
        claims,
        wait: false,
      });
      const code = await pod.container("backup").exited;
      return { code, stdout: await pod.logs("backup") };
    },
  };
}

const BACKUP = "backup";

/** Returns the CronJob's pod as a Deployment, which the harness can start, with other arguments. */
function asDeployment(objects: readonly Json[], args: readonly string[]): Json {
  const { metadata, spec } = objectOf(objects, "CronJob", "openclaw-backup");
  const template = structuredClone(spec.jobTemplate.spec.template);
  const [container] = template.spec.containers;
  container.command = [...container.command.slice(0, -1), ...args];
  return { kind: "Deployment", metadata: { ...metadata, name: BACKUP }, spec: { template } };
}
