/**
 * Shows the progress of a trial: as a table that is redrawn on a terminal, or as one line for each change in a log.
 *
 * @module
 */

import { showDuration } from "../../values/duration.ts";
import type { WorkloadState } from "../../cluster/workload_state.ts";

/** Shows the progress of a trial. */
export interface Screen {
  /** Shows the states after so many seconds. */
  show(states: readonly WorkloadState[], seconds: number): void;
}

/** Returns the name of a state: its pod, or its Deployment while it has no pod. */
export function nameOf({ workload, pod }: WorkloadState): string {
  return pod ?? workload.name;
}

/** Returns what a state waits for, or `ready` if it waits for nothing. */
export function waitOf({ wait }: WorkloadState): string {
  return wait?.what ?? "ready";
}

/**
 * Returns a screen for logs: one line for each change, without escape codes. If the details of a state alternate, such as the
 * two reasons of an image that cannot be pulled, each is shown once.
 */
export function lineScreen(write: (line: string) => void): Screen {
  const shown = new Map<string, { readonly what: string; readonly texts: Set<string> }>();
  return {
    show: (states, seconds) => {
      for (const state of states) {
        const name = nameOf(state);
        const text = waitOf(state);
        const [what = text] = text.split(" (");
        const before = shown.get(name);
        const texts = before?.what === what ? before.texts : new Set<string>();
        shown.set(name, { what, texts });
        if (texts.has(text)) continue;
        texts.add(text);
        write(`${showDuration(seconds).padStart(12)}  ${name}: ${text}`);
      }
    },
  };
}

/** Returns a screen for terminals. It moves the cursor up and clears each line before it writes the line again. */
export function liveScreen(write: (text: string) => void, columns: () => number, colour: boolean): Screen {
  let lines = 0;
  return {
    show: (states, seconds) => {
      const frame = liveFrame(states, seconds, columns());
      const up = lines === 0 ? "" : `\x1b[${lines}A`;
      const drawn = frame.map(({ text, ready }) =>
        `\x1b[2K${colour ? `\x1b[${ready ? 32 : 33}m${text}\x1b[0m` : text}\n`
      );
      // Clears the remaining lines of a longer frame.
      const rest = lines > frame.length ? "\x1b[0J" : "";
      write(up + drawn.join("") + rest);
      lines = frame.length;
    },
  };
}

/** Returns one line for each state, none longer than the terminal is wide. */
export function liveFrame(
  states: readonly WorkloadState[],
  seconds: number,
  columns: number,
): { readonly text: string; readonly ready: boolean }[] {
  const width = Math.max(...states.map((state) => nameOf(state).length));
  return states.map((state) => {
    const line = `${showDuration(seconds).padStart(12)}  ${nameOf(state).padEnd(width)}  ${state.ready}  ${
      waitOf(state)
    }`;
    const text = line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
    return { text, ready: state.wait === undefined };
  });
}

/** Returns the states as a table, with how long each has lasted. */
export function statusTable(states: readonly WorkloadState[], now: Date): string {
  const rows = states.map((state) => {
    const since = state.wait?.since;
    return [
      nameOf(state),
      state.ready,
      since === undefined ? "" : showDuration((now.getTime() - Date.parse(since)) / 1000),
      waitOf(state),
    ];
  });
  const table = [["POD", "READY", "FOR", "STATE"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()).join(
    "\n",
  );
}
