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

/** The folders that are the volumes, by what is on them. */
export interface BackupVolumes {
  readonly home: string;
  readonly workspaces: string;
  readonly backups: string;
}

/** Both pods, on the same volumes. */
export interface BackupPods {
  /** Starts the gateway's pod, with its init containers, until `use` is done. */
  withGateway(use: (gateway: Gateway) => Promise<void>): Promise<void>;
  /**
   * Runs the CronJob's pod, and with other arguments of backup.sh than `create` a restore's; `stdout` contains both outputs.
   */
  backup(...args: string[]): Promise<Pick<Outcome, "code" | "stdout">>;
  /** Runs a shell command in a restore's pod. */
  shell(command: string): Promise<Pick<Outcome, "code" | "stdout">>;
}

/** Returns both pods. */
export async function backupPods({ home, workspaces, backups }: BackupVolumes): Promise<BackupPods> {
  const objects = withoutSandbox(await overlay("kind"));
  const claims = { "openclaw-data": home, "openclaw-workspace": workspaces, "openclaw-backups": backups };
  const run = async (command?: Command) => {
    await using pod = await startPod({
      objects: [...objects, asDeployment(objects, command)],
      deployment: BACKUP,
      claims,
      wait: false,
    });
    const code = await pod.container("backup").exited;
    return { code, stdout: await pod.logs("backup") };
  };
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
    backup: (...args) => run(args[0] === "create" ? undefined : (command) => [...command.slice(0, -1), ...args]),
    shell: (command) => run(() => ["sh", "-c", command]),
  };
}

const BACKUP = "backup";

/** Returns another command for the container. */
type Command = (command: readonly string[]) => string[];

/** Returns the CronJob's pod, or with another command a restore's, as a Deployment, which the harness can start. */
function asDeployment(objects: readonly Json[], command?: Command): Json {
  const { metadata, spec } = objectOf(objects, "CronJob", "openclaw-backup");
  const template = structuredClone(spec.jobTemplate.spec.template);
  if (command !== undefined) {
    const containers = [...template.spec.initContainers, ...template.spec.containers];
    const container = containers.find(({ name }: Json) => name === "backup");
    container.command = command(container.command);
    delete template.spec.initContainers;
    template.spec.containers = [container];
  }
  return { kind: "Deployment", metadata: { ...metadata, name: BACKUP }, spec: { template } };
}
