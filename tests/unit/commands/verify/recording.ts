/**
 * Plays back the answers of a real cluster to `deno task verify`, which `deno task test:record` recorded call by call.
 *
 * @module
 */

import { connect, type Kubectl, KubectlFailed } from "../../../../src/cluster/kubectl.ts";
import type { Forward } from "../../../../src/cluster/forward.ts";
import type { Machine } from "../../../../src/cluster/machine.ts";
import type { Outcome } from "../../../../src/cluster/program.ts";
import type { OverlayName } from "../../../../src/commands/verify/expected.ts";
import type { DialTarget, ProbeReport } from "../../../../src/commands/verify/inside.ts";
import type { World } from "../../../../src/commands/verify/surroundings.ts";
import type { PackInput } from "openclaw-pack";
import { SSH } from "../../../support/support.ts";

/** One call and its outcome. */
export interface Call extends Outcome {
  /** kubectl's arguments without the parts that differ between runs, or `forward` with the port and the request through it. */
  readonly call: string;
}

/** The deployment behind each recording in `recorded/`. */
export const RECORDED = {
  prod: { input: { discord: { enabled: false } }, overlay: "prod" },
  ssh: { input: { discord: { enabled: false }, ...SSH }, overlay: "prod" },
  kind: { input: {}, overlay: "kind" },
  "kind-eso": { input: {}, overlay: "kind-eso" },
} as const satisfies Record<string, { readonly input: PackInput; readonly overlay: OverlayName }>;
/** Name of a recording. */
export type RecordingName = keyof typeof RECORDED;

/** The addresses that verify tried outside the cluster. In the tests' own cluster, a stub represents the internet. */
export const WORLD: World = { internet: "203.0.113.10", shut: [{ host: "192.168.1.1", port: 80 }] };

/** Returns the file of a recording. Its first line is the deployed configuration, and each further line is a call. */
export function recordingFile(name: RecordingName): URL {
  return new URL(`recorded/${name}.jsonl`, import.meta.url);
}

/** A recording. */
export interface Recording {
  /** The deployed configuration, with its pins at that time. */
  readonly input: PackInput;
  readonly calls: readonly Call[];
}

/** Reads a recording. */
export async function readRecording(name: RecordingName): Promise<Recording> {
  const [first = "", ...calls] = (await Deno.readTextFile(recordingFile(name))).trimEnd().split("\n");
  return { input: JSON.parse(first) as PackInput, calls: calls.map((line) => JSON.parse(line) as Call) };
}

/** A change to the recorded answers. */
export interface Change {
  /** Matches the calls to change. */
  readonly match: RegExp;
  /** Returns kubectl's new output. A failed call becomes a success. */
  readonly answer?: (stdout: string) => string;
  /** Makes the call fail with this text on standard error. */
  readonly fail?: string;
}

/** A cluster that replies as recorded. */
export interface Playback extends Kubectl {
  /** The calls that were made. */
  readonly calls: readonly string[];
}

/** Plays back a recording. @throws {Error} if a call was not recorded */
export async function playBack({ calls: recorded }: Recording, changes: readonly Change[] = []): Promise<Playback> {
  const calls: string[] = [];
  const names = new ProbeNames();
  const find = (call: string): Outcome => {
    calls.push(call);
    const change = changes.find(({ match }) => match.test(call));
    if (change?.fail !== undefined) return { code: 1, stdout: "", stderr: `${change.fail}\n` };
    const answer = recorded.find((candidate) => candidate.call === call);
    if (change?.answer !== undefined) return { code: 0, stdout: change.answer(answer?.stdout ?? ""), stderr: "" };
    if (answer !== undefined) return answer;
    // The operator only writes events about failures, and none was recorded.
    if (call.startsWith("get events ")) return { code: 0, stdout: "", stderr: "" };
    throw new Error(`not recorded: ${call}; run deno task test:record`);
  };
  const machine: Machine = {
    run: (_program, args, { input } = {}) =>
      Promise.resolve().then(() => {
        if (args[0] === "config") return { code: 0, stdout: "recorded\n", stderr: "" };
        const { code, stdout, stderr } = find(names.callOf(args, input));
        return { code, stdout: withIds(stdout, targetsIn(args)), stderr };
      }),
    follow: () => Promise.reject(new Error("verify does not follow programs")),
    exists: () => Promise.resolve(false),
    sleep: () => Promise.resolve(),
    seconds: () => 0,
  };
  return {
    ...await connect("recorded", undefined, machine),
    calls,
    forward: ({ namespace, target, port }) =>
      Promise.resolve({
        url: "",
        ended: Promise.resolve(""),
        get: (path) => Promise.resolve(find(`forward ${namespace} ${target}:${port} GET ${path}`)).then(responseOf),
        greeting: () => Promise.resolve(find(`forward ${namespace} ${target}:${port} greeting`)).then(succeeded),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  };
}

function succeeded({ code, stdout, stderr }: Outcome): string {
  if (code !== 0) throw new KubectlFailed(stderr.trim());
  return stdout;
}

function responseOf(outcome: Outcome): Response {
  const { status, body } = JSON.parse(succeeded(outcome)) as { status: number; body: string };
  return new Response(body, { status });
}

/** Returns a machine and a `forward` that record every call of kubectl. */
export function recorder(
  kubectl: Kubectl,
  machine: Machine,
): { machine: Machine; calls: Call[]; forward: Kubectl["forward"] } {
  const calls: Call[] = [];
  const names = new ProbeNames();
  const record = (call: string, { code, stdout, stderr }: Outcome) => {
    calls.push({ call, code, stdout, stderr });
  };
  const through = async <T>(call: string, run: () => Promise<T>, show: (result: T) => string | Promise<string>) => {
    try {
      const result = await run();
      record(call, { code: 0, stdout: await show(result), stderr: "" });
      return result;
    } catch (error) {
      if (error instanceof KubectlFailed) record(call, { code: 1, stdout: "", stderr: error.message });
      throw error;
    }
  };
  return {
    calls,
    machine: {
      ...machine,
      run: async (program, args, options) => {
        const outcome = await machine.run(program, args, options);
        if (args[0] !== "config") {
          const { code, stdout, stderr } = outcome;
          record(names.callOf(args, options?.input), { code, stdout: withoutIds(stdout, targetsIn(args)), stderr });
        }
        return outcome;
      },
    },
    forward: async (tunnel) => {
      const call = `forward ${tunnel.namespace} ${tunnel.target}:${tunnel.port}`;
      const forward: Forward = await kubectl.forward(tunnel);
      return {
        ...forward,
        get: (path) =>
          through(
            `${call} GET ${path}`,
            () => forward.get(path),
            async (response) => JSON.stringify({ status: response.status, body: await response.clone().text() }),
          ),
        greeting: () => through(`${call} greeting`, () => forward.greeting(), (text) => text),
      };
    },
  };
}

/** Replaces the random names of probe pods by their namespace and labels, which are the same in every run. */
class ProbeNames {
  readonly #names = new Map<string, string>();

  /** Returns a call without its context, temporary directories, scripts and random names. */
  callOf(args: readonly string[], input?: string): string {
    if (input !== undefined) {
      const { metadata } = JSON.parse(input) as {
        metadata: { name: string; namespace: string; labels: Record<string, string> };
      };
      const workload = metadata.labels["app.kubernetes.io/name"] ?? "other";
      this.#names.set(metadata.name, `probe-of-${metadata.namespace}-${workload}`);
    }
    const words = args.filter((arg) => !arg.startsWith("--context=")).map((arg) => {
      if (arg.includes("\n")) return "SCRIPT";
      if (arg.startsWith("[{")) return "TARGETS";
      if (arg.startsWith("openclaw-verify-")) return this.#names.get(arg) ?? arg;
      return arg.replace(/^.*\/(kustomize\/overlays\/)/, "$1");
    });
    // The image and the limits of the sandbox change more often than its answers, so they are left out.
    return words.join(" ").replace(/-- docker run .* python/, "-- docker run SANDBOX python");
  }
}

/** Returns the targets of a call. They are the last argument of the probe. */
function targetsIn(args: readonly string[]): DialTarget[] {
  const last = args.at(-1) ?? "";
  return last.startsWith("[{") ? JSON.parse(last) as DialTarget[] : [];
}

const addressOf = ({ protocol, host, port }: DialTarget) => `${protocol} ${host}:${port}`;

/** The report of a probe, with the addresses of its targets instead of their IDs, which differ between runs. */
type Recorded = Omit<ProbeReport, "dials"> & { readonly dials: Readonly<Record<string, readonly string[]>> };

function withoutIds(stdout: string, targets: readonly DialTarget[]): string {
  if (targets.length === 0 || !stdout.startsWith("{")) return stdout;
  const { dials, ...inside } = JSON.parse(stdout) as ProbeReport;
  const outcomes = dials.flatMap(({ id, tries }) =>
    targets.filter((to) => to.id === id).map((to) => [addressOf(to), tries])
  );
  return JSON.stringify({ ...inside, dials: Object.fromEntries(outcomes) } satisfies Recorded);
}

function withIds(stdout: string, targets: readonly DialTarget[]): string {
  if (targets.length === 0 || !stdout.startsWith("{")) return stdout;
  const { dials, ...inside } = JSON.parse(stdout) as Recorded;
  const replies = targets.flatMap((to) => {
    const tries = dials[addressOf(to)];
    return tries === undefined ? [] : [{ id: to.id, tries }];
  });
  return JSON.stringify({ ...inside, dials: replies } satisfies ProbeReport);
}
