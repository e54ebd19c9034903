/**
 * Results as lines for a terminal.
 *
 * @module
 */

import type { Result, Status } from "./check.ts";

/** As wide as the longest name of a check. */
const CHECK_WIDTH = 14;
/** Wide enough for most subjects; a longer one pushes its reason to the right. */
const SUBJECT_WIDTH = 44;

/** One result as one line. */
export function formatResult({ status, check, subject, reason }: Result): string {
  return `${status}  ${check.padEnd(CHECK_WIDTH)} ${subject.padEnd(SUBJECT_WIDTH)} ${reason}`;
}

/**
 * The last line: `41 passed, 1 failed, 6 skipped`.
 *
 * @example
 * ```ts
 * import { formatSummary } from "./report.ts";
 * import assert from "node:assert/strict";
 *
 * const row = { check: "volume", subject: "openclaw-data", reason: "bound", seconds: 0.1 };
 * assert.equal(formatSummary([{ ...row, status: "pass" }]), "1 passed, 0 failed, 0 skipped");
 * ```
 */
export function formatSummary(results: readonly Result[]): string {
  const count = (status: Status) => results.filter((result) => result.status === status).length;
  return `${count("pass")} passed, ${count("fail")} failed, ${count("skip")} skipped`;
}
