/**
 * How much a docker sandbox may take: tried out by commands that take more.
 *
 * @module
 */

import type { Gateway } from "./gateway_pod.ts";
import { factsOf } from "./sandbox_facts.ts";
import { turn } from "./turns.ts";

/** docker's client in the daemon's container. */
export const DOCKER = ["docker", "-H", "unix:///var/run/docker.sock"];

/** Limits as openclaw.json has them. */
export interface Limits {
  /** Such as `1024m`. */
  readonly memory: string;
  readonly pidsLimit: number;
}

/** Which of the limits hold. */
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
    // Refused, and not killed: then nothing else would run while the file is there.
    files: facts.files === "1",
    // 128 + SIGKILL.
    memory: facts.memory === "137",
    processes: Number(facts.forks) < pidsLimit,
    logs: await logsAreBounded(gateway),
  };
}

/** Looked up, since a log of tens of megabytes takes long to write. */
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

/** IDs of the daemon's containers, which are all sandboxes. */
export async function sandboxContainers({ pod }: Gateway): Promise<string[]> {
  const { stdout } = await pod.exec("docker", [...DOCKER, "ps", "--all", "--quiet"]);
  return stdout.trim().split("\n");
}
