/**
 * Dials many targets in parallel from a pod's network (go/tools/probe).
 *
 * @module
 */

import type { DialTarget } from "../../../src/commands/verify/inside.ts";
import { onPath } from "../tools.ts";
import { execPiped } from "../runtime/container.ts";
import { built } from "./build.ts";
import type { Machine } from "./machine.ts";
import { outside } from "./pod_networks.ts";

export type { DialTarget };

/** Timeout of a dial. It is short, because connections that a policy blocks are refused and do not time out. */
const TIMEOUT = "500ms";
/** Timeout in a watch, which is not repeated. It is longer, because a busy machine may delay answers over UDP. */
const WATCH_TIMEOUT = "3s";
/** Interval between two attempts of a watch. */
const EVERY = "100ms";

/** Dials targets. Returns for each ID whether any attempt found it open. */
export async function dialAll(
  machine: Machine,
  netns: string,
  targets: readonly DialTarget[],
): Promise<Map<number, boolean>> {
  const argv = [`--net=${outside(machine, netns)}`, "--", await built("probe"), "dials", TIMEOUT];
  const { code, stdout, stderr } = await execPiped("nsenter", argv, { stdin: JSON.stringify(targets) });
  if (code !== 0) throw new Error(`dials in ${netns}: ${stderr}`);
  const lines = stdout.trimEnd().split("\n").filter((line) => line !== "");
  const outcomes = lines.map((line): [number, boolean] => {
    const { id, tries } = JSON.parse(line) as { id: number; tries: string[] };
    return [id, tries.includes("open")];
  });
  if (outcomes.length !== targets.length) throw new Error(`dials in ${netns}: ${outcomes.length} of ${targets.length}`);
  return new Map(outcomes);
}

/** A change of a target's state. `at` is when the attempt began, in milliseconds since 1970. */
export interface Change {
  readonly id: number;
  readonly at: number;
  readonly open: boolean;
}

/** The result of a watch. */
export interface Watched {
  readonly changes: readonly Change[];
  /** Number of attempts per target, by ID. */
  readonly counts: ReadonlyMap<number, number>;
}

/** Dials targets repeatedly until it is stopped. */
export interface Watch extends AsyncDisposable {
  stop(): Promise<Watched>;
}

/** Starts a watch. */
export async function watchFrom(machine: Machine, netns: string, targets: readonly DialTarget[]): Promise<Watch> {
  const child = new Deno.Command(await onPath("nsenter"), {
    args: [`--net=${outside(machine, netns)}`, "--", await built("probe"), "watch", WATCH_TIMEOUT, EVERY],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = new Response(child.stdout).text();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(JSON.stringify(targets) + "\n"));
  const end = async () => {
    await input.close().catch(() => undefined);
    await child.status;
  };
  return {
    stop: async () => {
      await end();
      type Line = { id: number; at: number; outcome: string; count?: undefined } | { id: number; count: number };
      const lines = (await output).trimEnd().split("\n").map((line) => JSON.parse(line) as Line);
      return {
        changes: lines.flatMap((line) =>
          line.count === undefined ? [{ id: line.id, at: line.at, open: line.outcome === "open" }] : []
        ),
        counts: new Map(lines.flatMap((line) => line.count === undefined ? [] : [[line.id, line.count]])),
      };
    },
    [Symbol.asyncDispose]: async () => {
      await end();
      await output;
    },
  };
}
