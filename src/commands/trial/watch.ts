/**
 * Waits until a trial is ready, or will not become ready.
 *
 * @module
 */

import { type Kubectl, KubectlFailed } from "../../cluster/kubectl.ts";
import { showDuration } from "../../values/duration.ts";
import type { Machine } from "../../cluster/machine.ts";
import type { TrialOverlay } from "./overlay.ts";
import { printable } from "../../values/printable.ts";
import type { Screen } from "./screen.ts";
import { type Snapshot, takeSnapshot } from "../../cluster/snapshot.ts";
import { type WorkloadState, workloadStates } from "../../cluster/workload_state.ts";

/** The result of waiting. */
export interface WatchResult {
  /** Why the trial is not ready; undefined if it is. */
  readonly why?: string;
  /** The states that are not ready. */
  readonly failing: readonly WorkloadState[];
  readonly snapshot: Snapshot;
  /** How many seconds it took. */
  readonly seconds: number;
}

/** Seconds between two snapshots. */
const INTERVAL = 2;
/** The maximum number of consecutive snapshots that may fail, because the API server may be briefly overloaded. */
const MAX_FAILURES = 5;
/** After this many seconds without becoming ready, a container shows the last line of its log. */
const LOG_AFTER = 20;
/** Seconds between two reads of a log. */
const LOG_INTERVAL = 10;

/** Watches until every Deployment is available, something will not recover, or the timeout has passed. */
export async function watch(
  machine: Machine,
  kubectl: Kubectl,
  overlay: TrialOverlay,
  screen: Screen,
  timeout: number,
): Promise<WatchResult> {
  const begin = machine.seconds();
  const clocks = new Clocks(machine);
  const logs = new Logs(machine, kubectl);
  for (let failures = 0;;) {
    let snapshot: Snapshot;
    try {
      snapshot = await takeSnapshot(kubectl, overlay.namespaces);
      failures = 0;
    } catch (error) {
      failures++;
      if (!(error instanceof KubectlFailed) || failures >= MAX_FAILURES) throw error;
      await machine.sleep(INTERVAL);
      continue;
    }
    const states = await logs.added(workloadStates(snapshot, overlay.workloads));
    const seconds = machine.seconds() - begin;
    screen.show(states, seconds);
    const waiting = states.filter(({ wait }) => wait !== undefined);
    if (waiting.length === 0) return { failing: [], snapshot, seconds };
    const since = clocks.since(waiting.filter(({ wait }) => wait?.maxWait !== undefined).map(keyOf));
    const unrecoverable = waiting.filter((state) => {
      const { wait } = state;
      return wait?.maxWait !== undefined && machine.seconds() - (since.get(keyOf(state)) ?? 0) >= wait.maxWait;
    });
    if (unrecoverable.length > 0) return { why: "will not recover", failing: unrecoverable, snapshot, seconds };
    if (seconds >= timeout) {
      return { why: `not ready after ${showDuration(timeout)} (--timeout)`, failing: waiting, snapshot, seconds };
    }
    await machine.sleep(INTERVAL);
  }
}

function keyOf({ workload, pod, wait }: WorkloadState): string {
  return [workload.namespace, workload.name, pod, wait?.container].join("/");
}

/** Remembers since when each key has been present without interruption, because the cluster's clock may differ. */
class Clocks {
  #since = new Map<string, number>();
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Updates the keys that are present now. */
  since(keys: readonly string[]): ReadonlyMap<string, number> {
    this.#since = new Map(keys.map((key) => [key, this.#since.get(key) ?? this.#machine.seconds()]));
    return this.#since;
  }
}

/** Adds the last line of its log to the state of a slow container, such as the progress of an image build. */
class Logs {
  readonly #machine: Machine;
  readonly #kubectl: Kubectl;
  readonly #clocks: Clocks;
  readonly #lines = new Map<string, { readonly text: string; readonly asked: number }>();

  constructor(machine: Machine, kubectl: Kubectl) {
    this.#machine = machine;
    this.#kubectl = kubectl;
    this.#clocks = new Clocks(machine);
  }

  async added(states: readonly WorkloadState[]): Promise<WorkloadState[]> {
    const slow = states.filter(({ pod, wait }) => pod !== undefined && wait?.container !== undefined);
    const since = this.#clocks.since(slow.map(keyOf));
    return await Promise.all(states.map(async (state): Promise<WorkloadState> => {
      const begin = since.get(keyOf(state));
      if (begin === undefined || state.wait === undefined || this.#machine.seconds() - begin < LOG_AFTER) return state;
      const line = await this.#lastLine(state);
      return line === "" ? state : { ...state, wait: { ...state.wait, what: `${state.wait.what}: ${line}` } };
    }));
  }

  async #lastLine(state: WorkloadState): Promise<string> {
    const known = this.#lines.get(keyOf(state));
    const now = this.#machine.seconds();
    if (known !== undefined && now - known.asked < LOG_INTERVAL) return known.text;
    const text = (await logOf(this.#kubectl, state, 1)).at(-1) ?? "";
    this.#lines.set(keyOf(state), { text, asked: now });
    return text;
  }
}

/** Returns the last lines that a state's container logged, or none if they are not available. */
export async function logOf(kubectl: Kubectl, { workload, pod, wait }: WorkloadState, tail: number): Promise<string[]> {
  if (pod === undefined || wait?.container === undefined) return [];
  const args = ["--request-timeout=10s", "-n", workload.namespace, "logs", pod, "-c", wait.container];
  const { code, stdout } = await kubectl.attempt([...args, `--tail=${tail}`]);
  return code === 0 ? printable(stdout).split("\n").filter((line) => line.trim() !== "") : [];
}
