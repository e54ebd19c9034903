/**
 * Progress of a trial: a terminal shows a table that is redrawn, and a log gets a line for each change.
 *
 * @module
 */

import { showDuration } from "../../values/duration.ts";
import type { WorkloadState } from "../../cluster/workload_state.ts";

/** Shows how far a trial is. */
export interface Screen {
  /** Shows the states after so many seconds. */
  show(states: readonly WorkloadState[], seconds: number): void;
}

/** What a state is called: its pod, or its Deployment as long as it has none. */
export function nameOf({ workload, pod }: WorkloadState): string {
  return pod ?? workload.name;
}

/** What a state waits for, `ready` when for nothing. */
export function waitOf({ wait }: WorkloadState): string {
  return wait?.what ?? "ready";
}

/**
 * Returns a screen for logs: one line for each change, without any escape code. A state whose details alternate, such as the two reasons
 * of an image that cannot be pulled, shows each of them once.
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

/** Draws a picture over the one before: cursor up, and each line cleared before it is written. */
export function liveScreen(write: (text: string) => void, columns: () => number, colour: boolean): Screen {
  let lines = 0;
  return {
    show: (states, seconds) => {
      const picture = livePicture(states, seconds, columns());
      const up = lines === 0 ? "" : `\x1b[${lines}A`;
      const drawn = picture.map(({ text, ready }) =>
        `\x1b[2K${colour ? `\x1b[${ready ? 32 : 33}m${text}\x1b[0m` : text}\n`
      );
      // What is left of a longer picture.
      const rest = lines > picture.length ? "\x1b[0J" : "";
      write(up + drawn.join("") + rest);
      lines = picture.length;
    },
  };
}

/** One line for each state, none longer than the terminal is wide. */
export function livePicture(
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

/** The states as a table, with how long each has lasted. */
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
