/**
 * The programs that the gateway's pod brings along beside the assistant (requirement B14).
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";
import { TOOLS_STEP } from "../../generate/kubernetes/gateway/names.ts";
import type { Model } from "../../model/model.ts";
import { fail, measure, pass, type Result, skip } from "./check.ts";
import { inPod, type Subject } from "./deployments.ts";
import { containersOf } from "./expected.ts";

/** Asked for their versions in the gateway's container; each must be the one that pack.yaml pins. One result for each. */
export async function checkTools(kubectl: Kubectl, model: Model, subjects: readonly Subject[]): Promise<Result[]> {
  const gateway = subjects.find(({ name }) => name === "openclaw");
  if (gateway === undefined) return [];
  const installed = containersOf(gateway.deployment).some(({ name }) => name === TOOLS_STEP);
  const { codex, gh } = model.config.tools;
  return await Promise.all(
    Object.entries({ codex, gh }).map(([tool, pin]) =>
      measure("tool", tool, () =>
        inPod(gateway, async ({ namespace, name }) => {
          if (!installed) return skip("this pack does not install it");
          const args = ["exec", `--namespace=${namespace}`, name, "--container=openclaw", "--", tool, "--version"];
          const said = (await kubectl.run(args)).split("\n")[0] ?? "";
          // `codex-cli 0.169.0`, `gh version 2.102.0 (2026-10-01)`
          const version = said.match(/\d+(\.\d+)+\S*/)?.[0];
          const pinned = pin.version.replace(/^v/, "");
          return version === pinned ? pass(said) : fail(`it says ${said || "nothing"}, pack.yaml pins ${pinned}`);
        }))
    ),
  );
}
