import assert from "node:assert/strict";
import { parseDuration, showDuration } from "../../../../src/values/duration.ts";
import { lineScreen, liveFrame, liveScreen, statusTable } from "../../../../src/commands/trial/screen.ts";
import type { WorkloadState } from "../../../../src/cluster/workload_state.ts";
import { waits } from "./trial_objects.ts";

const gateway = { namespace: "openclaw", name: "openclaw" };
const litellm = { namespace: "openclaw", name: "litellm" };
const STARTS: WorkloadState[] = [
  { workload: gateway, ready: "0/0", wait: waits("has no pod yet") },
  { workload: litellm, pod: "litellm-1", ready: "0/1", wait: waits("starts", { since: "2026-01-01T00:00:00Z" }) },
];
const READY: WorkloadState[] = [{ workload: litellm, pod: "litellm-1", ready: "1/1" }];

Deno.test("without a terminal, each change is one line without escape codes", () => {
  const lines: string[] = [];
  const screen = lineScreen((line) => lines.push(line));
  screen.show(STARTS, 0);
  screen.show(STARTS, 2);
  screen.show(READY, 75);
  assert.deepEqual(lines.map((line) => line.trim()), [
    "0 s  openclaw: has no pod yet",
    "0 s  litellm-1: starts",
    "1 min 15 s  litellm-1: ready",
  ]);
});

Deno.test("alternating details are shown once each, and again after another state", () => {
  const lines: string[] = [];
  const screen = lineScreen((line) => lines.push(line));
  const show = (what: string) => screen.show([{ workload: litellm, ready: "0/1", wait: waits(what) }], 0);
  const [pull, backOff] = ["has no image (no such host)", "has no image (back-off)"];
  for (const what of [pull, backOff, pull, backOff, "starts", pull]) show(what);
  assert.deepEqual(
    lines.map((line) => line.trim()),
    [pull, backOff, "starts", pull].map((what) => `0 s  litellm: ${what}`),
  );
});

Deno.test("on a terminal each frame replaces the previous one entirely, even if it is shorter", () => {
  const texts: string[] = [];
  const screen = liveScreen((text) => texts.push(text), () => 80, false);
  for (const [states, seconds] of [[STARTS, 0], [STARTS, 2], [READY, 4], [READY, 6]] as const) {
    screen.show(states, seconds);
  }
  // The escape codes and the line ends between them.
  const codes = texts.map((text) => text.replaceAll("\x1b[", "^").match(/\^\d*[A-Zm]|\n/g)?.join(""));
  assert.deepEqual(codes, ["^2K\n^2K\n", "^2A^2K\n^2K\n", "^2A^2K\n^0J", "^1A^2K\n"]);
});

Deno.test("colours are written only if they are requested", () => {
  const texts: string[] = [];
  liveScreen((text) => texts.push(text), () => 80, true).show([...STARTS, ...READY], 0);
  // deno-lint-ignore no-control-regex
  assert.deepEqual(texts.join("").match(/\x1b\[\d+m/g), [33, 0, 33, 0, 32, 0].map((code) => `\x1b[${code}m`));
});

Deno.test("every line is shorter than the terminal is wide, so that none is wrapped", () => {
  const long = [{ workload: litellm, pod: "litellm-1", ready: "0/1", wait: waits("x".repeat(300)) }];
  for (const columns of [1, 20, 80, 200]) {
    for (const { text } of liveFrame(long, 0, columns)) {
      assert.ok(text.length <= Math.max(1, columns - 1), `${columns}`);
    }
  }
});

Deno.test("the table shows how long each state has lasted", () => {
  const table = statusTable(STARTS, new Date("2026-01-01T00:02:05Z"));
  assert.deepEqual(table.split("\n").map((line) => line.split(/ {2,}/)), [
    ["POD", "READY", "FOR", "STATE"],
    ["openclaw", "0/0", "has no pod yet"],
    ["litellm-1", "0/1", "2 min 5 s", "starts"],
  ]);
});

Deno.test("durations are parsed and formatted", () => {
  assert.deepEqual(["90s", "15m", "1h", "0m", "15", "m", "1.5h", "-1s"].map(parseDuration), [
    ...[90, 900, 3600],
    ...Array(5).fill(undefined),
  ]);
  assert.deepEqual([-3, 59.9, 60, 3600, 172_800].map(showDuration), [
    "0 s",
    "59 s",
    "1 min 0 s",
    "1 h 0 min",
    "2 days",
  ]);
});
