/**
 * The programs that the gateway's pod brings along beside the assistant (SPEC B14).
 *
 * @module
 */

import { TOOLS_STEP } from "../kubernetes/gateway.ts";
import { measure, pass, type Result, skip } from "./check.ts";
import { inPod, type Subject } from "./deployments.ts";
import { containersOf } from "./expected.ts";
import type { Kubectl } from "../kubectl/kubectl.ts";

/** Asked for their versions in the gateway's container. */
const TOOLS = ["codex", "gh"] as const;
/** One result for each. */
export async function checkTools(kubectl: Kubectl, subjects: readonly Subject[]): Promise<Result[]> {
  const gateway = subjects.find(({ name }) => name === "openclaw");
  if (gateway === undefined) return [];
  const installed = containersOf(gateway.deployment).some(({ name }) => name === TOOLS_STEP);
  return await Promise.all(
    TOOLS.map((tool) =>
      measure("tool", tool, () =>
        inPod(gateway, async ({ namespace, name }) => {
          if (!installed) return skip("this pack does not install it");
          const args = ["exec", `--namespace=${namespace}`, name, "--container=openclaw", "--"];
          return pass((await kubectl.run([...args, tool, "--version"])).split("\n")[0] ?? "");
        }))
    ),
  );
}
