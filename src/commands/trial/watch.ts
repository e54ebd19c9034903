/**
 * Waits until a trial runs, or cannot.
 *
 * @module
 */

import { type Kubectl, KubectlFailed } from "../../cluster/kubectl.ts";
import { showDuration } from "../../values/duration.ts";
import type { Machine } from "../../cluster/machine.ts";
import type { Overlay } from "./overlay.ts";
import { printable } from "../../values/printable.ts";
import type { Screen } from "./screen.ts";
import { type Snapshot, takeSnapshot } from "../../cluster/snapshot.ts";
import { type WorkloadState, workloadStates } from "../../cluster/workload_state.ts";

/** How it ended. */
export interface Verdict {
  /** Why it does not run; nothing when it does. */
  readonly why?: string;
  /** What is to be explained then. */
  readonly failing: readonly WorkloadState[];
  readonly snapshot: Snapshot;
  /** Seconds that it took. */
  readonly seconds: number;
}

/** Seconds between two looks. */
const EVERY = 2;
/** Looks in a row that the cluster may leave unanswered: its API server may be busy for a moment. */
const UNANSWERED = 5;
/** A container that runs for so many seconds without getting ready shows what it writes, no more often than that. */
const LOG_AFTER = 20;
const LOG_EVERY = 10;

/** Watches until every Deployment is available, something cannot get better, or the time is over. */
export async function watch(
  machine: Machine,
  kubectl: Kubectl,
  overlay: Overlay,
  screen: Screen,
  timeout: number,
): Promise<Verdict> {
  const begin = machine.seconds();
  const patience = new Clocks(machine);
  const logs = new Logs(machine, kubectl);
  for (let unanswered = 0;;) {
    let snapshot: Snapshot;
    try {
      snapshot = await takeSnapshot(kubectl, overlay.namespaces);
      unanswered = 0;
    } catch (error) {
      unanswered++;
      if (!(error instanceof KubectlFailed) || unanswered >= UNANSWERED) throw error;
      await machine.sleep(EVERY);
      continue;
    }
    const states = await logs.added(workloadStates(snapshot, overlay.workloads));
    const seconds = machine.seconds() - begin;
    screen.show(states, seconds);
    const waiting = states.filter(({ wait }) => wait !== undefined);
    if (waiting.length === 0) return { failing: [], snapshot, seconds };
    const since = patience.since(waiting.filter(({ wait }) => wait?.patience !== undefined).map(keyOf));
    const hopeless = waiting.filter((state) => {
      const { wait } = state;
      return wait?.patience !== undefined && machine.seconds() - (since.get(keyOf(state)) ?? 0) >= wait.patience;
    });
    if (hopeless.length > 0) return { why: "will not recover", failing: hopeless, snapshot, seconds };
    if (seconds >= timeout) {
      return { why: `not ready after ${showDuration(timeout)} (--timeout)`, failing: waiting, snapshot, seconds };
    }
    await machine.sleep(EVERY);
  }
}

function keyOf({ workload, pod, wait }: WorkloadState): string {
  return [workload.namespace, workload.name, pod, wait?.container].join("/");
}

/** Remembers since when each of some keys has been there without a break: the cluster's own clock may be off. */
class Clocks {
  #since = new Map<string, number>();
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Takes the keys that are there now. */
  since(keys: readonly string[]): ReadonlyMap<string, number> {
    this.#since = new Map(keys.map((key) => [key, this.#since.get(key) ?? this.#machine.seconds()]));
    return this.#since;
  }
}

/** Adds to what a container does the last line that it wrote, where that takes long: a step that builds an image says how far it is. */
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
    if (known !== undefined && now - known.asked < LOG_EVERY) return known.text;
    const text = (await logOf(this.#kubectl, state, 1)).at(-1) ?? "";
    this.#lines.set(keyOf(state), { text, asked: now });
    return text;
  }
}

/** The last lines that the container of a state wrote, none when there is no telling. */
export async function logOf(kubectl: Kubectl, { workload, pod, wait }: WorkloadState, tail: number): Promise<string[]> {
  if (pod === undefined || wait?.container === undefined) return [];
  const args = ["--request-timeout=10s", "-n", workload.namespace, "logs", pod, "-c", wait.container];
  const { code, stdout } = await kubectl.attempt([...args, `--tail=${tail}`]);
  return code === 0 ? printable(stdout).split("\n").filter((line) => line.trim() !== "") : [];
}
