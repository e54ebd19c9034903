/**
 * The base class of every error that a user can cause and repair.
 *
 * @module
 */

/**
 * An error that a user can repair: a faulty file, a missing program, a cluster that refuses. Its message says what happened, where, and
 * what to do next. A task prints the message alone, without a stack trace, and exits with 1.
 */
export class UserError extends Error {
  /** The class's name, by which messages and tests recognize it. */
  override readonly name: string = "UserError";
}
