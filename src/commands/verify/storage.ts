/**
 * The data: its volumes are bound and large enough, and the data guard refuses to delete them.
 *
 * @module
 */

import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { type Kubectl, KubectlFailed } from "../../cluster/kubectl.ts";
import { liveBytes } from "../../values/quantity.ts";
import { fail, type Finding, measure, pass, passUnless, type Result, skip } from "./check.ts";
import { claims, type Expected } from "./expected.ts";
import { template } from "./live.ts";

/** One result for each claim. */
export async function checkVolumes(kubectl: Kubectl, expected: Expected): Promise<Result[]> {
  return await Promise.all(
    claims(expected).map((claim) => measure("volume", claim.metadata?.name ?? "", () => bound(kubectl, claim))),
  );
}

async function bound({ run }: Kubectl, { metadata, spec }: IPersistentVolumeClaim): Promise<Finding> {
  const said = template("{{.status.phase}} {{.status.capacity.storage}} {{.spec.storageClassName}}");
  const answer = await run(["get", "pvc", metadata?.name ?? "", `--namespace=${metadata?.namespace}`, said]);
  const [phase, size = "", storageClass] = answer.trim().split(" ");
  const wanted = String(spec?.resources?.requests?.["storage"]);
  if (phase !== "Bound") return fail(`${phase}, not Bound`);
  return passUnless(
    liveBytes(size) >= liveBytes(wanted) ? [] : [`${size}, but pack.yaml wants ${wanted}`],
    `bound, ${size} of ${storageClass}`,
  );
}

/**
 * Tries to delete what is guarded, as a dry run: the server goes through admission and stops before it does anything. Passes
 * only when the guard itself refuses; what the user may not do anyway proves nothing.
 */
export async function checkGuard(kubectl: Kubectl, expected: Expected): Promise<Result[]> {
  const guard = expected.objects.find(({ kind }) => kind === "ValidatingAdmissionPolicy")?.metadata?.name;
  const objects = expected.objects.filter(({ kind }) => kind === "PersistentVolumeClaim" || kind === "Namespace");
  return await Promise.all(
    objects.map(({ kind, metadata: { name = "", namespace } = {} }) =>
      measure("guard", `${kind === "Namespace" ? "namespace" : "pvc"} ${name}`, async () => {
        if (guard === undefined) return skip(`overlays/${expected.overlay} has no data guard`);
        const where = namespace === undefined ? [] : [`--namespace=${namespace}`];
        try {
          await kubectl.run(["delete", kind.toLowerCase(), name, ...where, "--dry-run=server", "--wait=false"]);
        } catch (error) {
          if (!(error instanceof KubectlFailed)) throw error;
          return error.message.includes(guard) ? pass("its deletion is refused") : fail(error.message);
        }
        return fail("it would be deleted: the data guard is not in force, or openclaw-pack/allow-deletion is set");
      })
    ),
  );
}
