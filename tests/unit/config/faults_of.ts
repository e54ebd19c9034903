/**
 * What the tests of the reader share.
 *
 * @module
 */

import { type Fault, formatFault, PackFaults, readPack } from "openclaw-pack";

/** The faults of a pack.yaml; none when it is read. Any other error comes through. */
export function faultsOf(text: string): readonly Fault[] {
  try {
    readPack(text);
    return [];
  } catch (error) {
    if (error instanceof PackFaults) return error.faults;
    throw error;
  }
}

/** The faults as a terminal shows them. */
export function messagesOf(text: string): string[] {
  return faultsOf(text).map((fault) => formatFault("pack.yaml", fault));
}
