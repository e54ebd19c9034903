/**
 * Tests the limits of a docker sandbox with commands that exceed them.
 *
 * @module
 */

import type { Gateway } from "./gateway_pod.ts";
import { factsOf } from "./sandbox_facts.ts";
import { turn } from "./turns.ts";

/** The docker client in the daemon's container. */
export const DOCKER = ["docker", "-H", "unix:///var/run/docker.sock"];

/** The limits in openclaw.json. */
export interface Limits {
  /** Such as `1024m`. */
  readonly memory: string;
  readonly pidsLimit: number;
}

/** Returns which limits are enforced. */
export async function boundsOf(gateway: Gateway, { memory, pidsLimit }: Limits) {
  const mebibytes = Math.ceil(Number.parseInt(memory) * 1.1);
  const forks = [
    "import os, time",
    "count = 0",
    "try:",
    `  while count <= ${pidsLimit}:`,
    "    if os.fork() == 0: time.sleep(2); os._exit(0)",
    "    count += 1",
    "except OSError: pass",
    "print(f'forks={count}')",
  ].join("\n");
  const command = [
    `head -c ${mebibytes}M /dev/zero 2>/dev/null >/tmp/fill; echo "files=$?"; rm /tmp/fill`,
    `python3 -c 'b"x" * (${mebibytes} << 20)'; echo "memory=$?"`,
    `python3 -c "${forks}"`,
  ].join("\n");
  const facts = factsOf(await turn(gateway, { command }));
  return {
    // Refused, not killed: otherwise nothing else would run while the file exists.
    files: facts.files === "1",
    // 128 + SIGKILL.
    memory: facts.memory === "137",
    processes: Number(facts.forks) < pidsLimit,
    logs: await logsAreBounded(gateway),
  };
}

/** Read from the configuration, because a log of tens of megabytes takes long to write. */
async function logsAreBounded(gateway: Gateway): Promise<boolean> {
  const format = ["--format", "{{json .HostConfig.LogConfig}}"];
  const { stdout } = await gateway.pod.exec("docker", [
    ...DOCKER,
    "inspect",
    ...format,
    ...await sandboxContainers(gateway),
  ]);
  const { Type, Config } = JSON.parse(stdout);
  return Type === "json-file" && Number(Config["max-file"]) > 0 && /^\d+m$/.test(Config["max-size"]);
}

/** Returns the IDs of the daemon's containers, which are all sandboxes. */
export async function sandboxContainers({ pod }: Gateway): Promise<string[]> {
  const { stdout } = await pod.exec("docker", [...DOCKER, "ps", "--all", "--quiet"]);
  return stdout.trim().split("\n");
}
