/**
 * An error or a warning about a configuration that has no position yet.
 *
 * @module
 */

import type { ConfigPath } from "./errors.ts";

/** The result of a rule; the reader adds the position. */
export interface ConfigFinding {
  readonly path: ConfigPath;
  readonly message: string;
  readonly suggestion?: string;
}
