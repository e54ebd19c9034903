/**
 * One check and how it ended, and the lines that a terminal shows of it.
 *
 * @module
 */

import { KubectlFailed } from "../../cluster/kubectl.ts";

/** `skip` is what does not apply or cannot be determined; it counts neither way. */
export type Status = "pass" | "fail" | "skip";

/** How a check ended, and why. */
export interface Finding {
  readonly status: Status;
  /** One sentence without its full stop. */
  readonly reason: string;
}

/** A row of the table. */
export interface Result extends Finding {
  /** What was checked, such as `secret` or `network`. */
  readonly check: string;
  /** What it was checked of, such as `openclaw` or `litellm -> openclaw:18789`. */
  readonly subject: string;
  /** Seconds that it took. */
  readonly seconds: number;
}

/** Returns a finding that is as it should be. */
export const pass = (reason: string): Finding => ({ status: "pass", reason });
/** Returns a finding that is not as it should be. */
export const fail = (reason: string): Finding => ({ status: "fail", reason });
/** Returns a finding that does not apply or cannot be determined. */
export const skip = (reason: string): Finding => ({ status: "skip", reason });

/** Passes if there are no errors, and otherwise fails with all of them. */
export function passUnless(errors: readonly string[], good: string): Finding {
  return errors.length === 0 ? pass(good) : fail(errors.join("; "));
}

/** Runs one check. If kubectl fails, this check fails and no other. */
export async function measure(check: string, subject: string, run: () => Promise<Finding>): Promise<Result> {
  const start = performance.now();
  const finding = await run().catch((error: unknown): Finding => {
    if (error instanceof KubectlFailed) return fail(error.message);
    throw error;
  });
  return { check, subject, ...finding, seconds: secondsSince(start) };
}

/** Returns the seconds since a `performance.now()`, in hundredths. */
export function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 10) / 100;
}

/** Returns `1 key`, `2 keys`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** The longest name of a check. */
const CHECK_WIDTH = 14;
/** Wide enough for most subjects; a longer one pushes its reason to the right. */
const SUBJECT_WIDTH = 44;

/** Returns one result as one line. */
export function formatResult({ status, check, subject, reason }: Result): string {
  return `${status}  ${check.padEnd(CHECK_WIDTH)} ${subject.padEnd(SUBJECT_WIDTH)} ${reason}`;
}

/**
 * Returns the last line: `41 passed, 1 failed, 6 skipped`.
 *
 * @example
 * ```ts
 * import { formatSummary } from "./results.ts";
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
