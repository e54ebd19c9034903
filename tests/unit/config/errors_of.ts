/**
 * What the tests of the reader share.
 *
 * @module
 */

import { formatPackError, type PackError, PackErrors, readPack } from "openclaw-pack";

/** The errors of a pack.yaml; none when it is read. Any other error comes through. */
export function errorsOf(text: string): readonly PackError[] {
  try {
    readPack(text);
    return [];
  } catch (error) {
    if (error instanceof PackErrors) return error.errors;
    throw error;
  }
}

/** The errors as a terminal shows them. */
export function messagesOf(text: string): string[] {
  return errorsOf(text).map((fault) => formatPackError("pack.yaml", fault));
}
