/**
 * Whether a pod can connect to something, tried from inside the pod by what its image has.
 *
 * @module
 */

import { type Kubectl, until } from "./kubectl.ts";

/** Where a connection starts: a container for `kubectl exec`, and the language that it speaks. */
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

/** Whether a connection by TCP is made. */
export async function isOpen(cluster: Kubectl, { target, by }: From, address: string): Promise<boolean> {
  const [host = "", port = ""] = address.split(":");
  const program = by === "node" ? ["node", "-e", NODE_PROGRAM] : ["python3", "-c", PYTHON_PROGRAM];
  const { code, stderr } = await cluster.exec(target, [...program, host, port]);
  if (code !== 0 && code !== 3) throw new Error(`${target.join(" ")}: ${stderr}`);
  return code === 0;
}

/** {@linkcode isOpen}, once it is as expected; the engine of NetworkPolicies may be a moment behind. Gives the last answer. */
export async function settles(cluster: Kubectl, from: From, address: string, expected: boolean): Promise<boolean> {
  const asExpected = async () => await isOpen(cluster, from, address) === expected;
  return await until("", asExpected, { timeoutMs: 15_000 }).then(() => expected, () => !expected);
}
