/**
 * What is wrong with a configuration, before it has a position.
 *
 * @module
 */

import type { ConfigPath } from "./errors.ts";

/** What a rule found; the reader adds the position. */
export interface Finding {
  readonly path: ConfigPath;
  readonly message: string;
  readonly suggestion?: string;
}
