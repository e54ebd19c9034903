/**
 * One check and how it ended.
 *
 * @module
 */

import { KubectlFailed } from "../../cluster/kubectl.ts";

/** `skip` is what could not be told, or does not apply; it counts neither way. */
export type Status = "pass" | "fail" | "skip";

/** How a check ended, and why. */
export interface Finding {
  readonly status: Status;
  /** One sentence without its full stop. */
  readonly reason: string;
}

/** A row of the table. */
export interface Result extends Finding {
  /** What was looked at, such as `secret` or `network`. */
  readonly check: string;
  /** Of what, such as `openclaw` or `litellm -> openclaw:18789`. */
  readonly subject: string;
  /** How long it took. */
  readonly seconds: number;
}

/** It is as it should be. */
export const pass = (reason: string): Finding => ({ status: "pass", reason });
/** It is not. */
export const fail = (reason: string): Finding => ({ status: "fail", reason });
/** It does not apply, or cannot be told. */
export const skip = (reason: string): Finding => ({ status: "skip", reason });

/** Passes when there is no fault, else fails with all of them. */
export function passUnless(faults: readonly string[], good: string): Finding {
  return faults.length === 0 ? pass(good) : fail(faults.join("; "));
}

/** Runs one check. What kubectl refuses fails this check and no other. */
export async function measure(check: string, subject: string, run: () => Promise<Finding>): Promise<Result> {
  const start = performance.now();
  const finding = await run().catch((error: unknown): Finding => {
    if (error instanceof KubectlFailed) return fail(error.message);
    throw error;
  });
  return { check, subject, ...finding, seconds: secondsSince(start) };
}

/** Seconds since a `performance.now()`, in hundredths. */
export function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 10) / 100;
}

/** `1 key`, `2 keys`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
