/**
 * A DNS server for the pods of a test network: it resolves the names that a test fakes, and records the queries.
 *
 * @module
 */

import { createSocket } from "node:dgram";

/** A running server. */
export interface Dns extends AsyncDisposable {
  /** Every queried name in lower case, with repetitions. */
  readonly asked: readonly string[];
}

/**
 * Starts a server on port 53 of an address. `addressOf` returns the IPv4 address of a name, or undefined if the name does not
 * exist.
 */
export async function dnsServer(address: string, addressOf: (name: string) => string | undefined): Promise<Dns> {
  const asked: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (query, { address, port }) => {
    const name = nameIn(query);
    asked.push(name);
    socket.send(answer(query, addressOf(name)), port, address);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("error", reject);
  socket.bind(53, address, resolve);
  await promise;
  return {
    asked,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}

const HEADER = 12;
const TYPE_A = 1;

/** Returns the labels of the first question. */
function labels(query: Uint8Array): string[] {
  const found: string[] = [];
  for (let at = HEADER, length = query[at] ?? 0; length > 0; at += length + 1, length = query[at] ?? 0) {
    found.push(new TextDecoder().decode(query.subarray(at + 1, at + 1 + length)));
  }
  return found;
}

function nameIn(query: Uint8Array): string {
  return labels(query).join(".").toLowerCase();
}

/**
 * Returns a response (RFC 1035, 4.1): the query's header and question, and an A record, no record for another type, or
 * NXDOMAIN.
 */
function answer(query: Uint8Array, address: string | undefined): Uint8Array {
  const end = HEADER + labels(query).reduce((sum, label) => sum + label.length + 1, 1) + 4;
  const question = query.subarray(HEADER, end);
  const records = address !== undefined && question.at(-3) === TYPE_A ? 1 : 0;
  const header = query.slice(0, HEADER);
  // A response, with recursion, no error or name error; one question.
  header.set([0x81, address === undefined ? 0x83 : 0x80, 0, 1, 0, records, 0, 0, 0, 0], 2);
  if (records === 0) return Uint8Array.of(...header, ...question);
  const bytes = (address ?? "").split(".").map(Number);
  // The name of the question; class IN, 5 s, 4 bytes.
  return Uint8Array.of(...header, ...question, 0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, 5, 0, 4, ...bytes);
}
