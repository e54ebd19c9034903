/**
 * Helpers for the tests of the reader.
 *
 * @module
 */

import { formatPackError, type PackError, PackErrors, readPack } from "openclaw-pack";

/** Returns the errors of a pack.yaml, or an empty list if it is valid. Throws any other error. */
export function errorsOf(text: string): readonly PackError[] {
  try {
    readPack(text);
    return [];
  } catch (error) {
    if (error instanceof PackErrors) return error.errors;
    throw error;
  }
}

/** Returns the errors as a terminal shows them. */
export function messagesOf(text: string): string[] {
  return errorsOf(text).map((fault) => formatPackError("pack.yaml", fault));
}
