/**
 * Checks from inside a pod, with the interpreter of its image, whether the pod can connect to an address.
 *
 * @module
 */

import { type Kubectl, until } from "./kubectl.ts";

/** Where a connection starts: a container for `kubectl exec`, and its interpreter. */
export interface From {
  readonly target: readonly string[];
  readonly by: "node" | "python3";
}

const NODE_PROGRAM = `
  const socket = require("node:net").connect({ host: process.argv[1], port: Number(process.argv[2]), timeout: 3000 });
  socket.on("connect", () => process.exit(0)).on("error", () => process.exit(3)).on("timeout", () => process.exit(3));
`;
const PYTHON_PROGRAM = `
import socket, sys
try: socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3)
except OSError: sys.exit(3)
`;

/** Returns whether a TCP connection succeeds. */
export async function isOpen(cluster: Kubectl, { target, by }: From, address: string): Promise<boolean> {
  const [host = "", port = ""] = address.split(":");
  const program = by === "node" ? ["node", "-e", NODE_PROGRAM] : ["python3", "-c", PYTHON_PROGRAM];
  const { code, stderr } = await cluster.exec(target, [...program, host, port]);
  if (code !== 0 && code !== 3) throw new Error(`${target.join(" ")}: ${stderr}`);
  return code === 0;
}

/** Repeats {@linkcode isOpen} until it is as expected, because the policy engine may lag. Returns the last result. */
export async function isOpenOnceSettled(
  cluster: Kubectl,
  from: From,
  address: string,
  expected: boolean,
): Promise<boolean> {
  const asExpected = async () => await isOpen(cluster, from, address) === expected;
  return await until("", asExpected, { timeoutMs: 15_000 }).then(() => expected, () => !expected);
}
