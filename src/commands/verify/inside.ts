/**
 * Questions that are asked inside a container, by a program that is there: node in the gateway's image, Python in LiteLLM's and
 * the sandboxes'. cloudflared's image has none.
 *
 * @module
 */

import type { PackConfig } from "../../config/schema.ts";
import { type Kubectl, KubectlFailed } from "../../cluster/kubectl.ts";
import askNode from "./probe.cjs" with { type: "text" };
import askPython from "./probe.py" with { type: "text" };

/** Something to reach. */
export interface Target {
  /** Comes back with the answer. */
  readonly id: number;
  readonly protocol: "TCP" | "UDP";
  /** An address or a name; `@resolver` is the resolver that the pod was given. */
  readonly host: string;
  readonly port: number;
  /** What to send by UDP, in hexadecimal digits. */
  readonly payload?: string;
}

/** What a container told. */
export interface Inside {
  readonly uid: number;
  /** Names of the variables of its first process. */
  readonly variables: readonly string[];
  /** Whether there is a service account token where one would be mounted. */
  readonly token: boolean;
  /** Each try: `open`, `timeout`, or the error's code. */
  readonly dials: readonly { readonly id: number; readonly tries: readonly string[] }[];
}

/** A program that can be asked. */
type Program = "node" | "python";

/** Ways to start each of them: images differ in the name. */
const COMMANDS: Record<Program, readonly (readonly string[])[]> = {
  node: [["node", "-e", askNode]],
  python: [["python3", "-c", askPython], ["python", "-c", askPython]],
};

/** The program that an image of this pack has. */
export function programOf({ images, sandbox }: PackConfig, image: string): Program | undefined {
  if (image === images.openclaw) return "node";
  return image === images.litellm || image === sandbox.image ? "python" : undefined;
}

/** Where to ask. */
export interface Container {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/**
 * Asks inside a container.
 *
 * @param wrap what starts the program somewhere further in, such as `docker run ...`
 * @throws {KubectlFailed}
 */
export async function askInside(
  kubectl: Kubectl,
  { namespace, pod, container }: Container,
  program: Program,
  targets: readonly Target[] = [],
  wrap: readonly string[] = [],
): Promise<Inside> {
  let failure: unknown;
  for (const command of COMMANDS[program]) {
    const args = ["exec", `--namespace=${namespace}`, pod, `--container=${container}`, "--"];
    try {
      return JSON.parse(await kubectl.run([...args, ...wrap, ...command, JSON.stringify(targets)])) as Inside;
    } catch (error) {
      failure = error;
      if (!(error instanceof KubectlFailed && /not found|no such file/i.test(error.message))) throw error;
    }
  }
  throw failure;
}
