/**
 * Checks that the volumes are bound and large enough, and that the data guard refuses to delete them.
 *
 * @module
 */

import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { type Kubectl, KubectlFailed } from "../../cluster/kubectl.ts";
import { list } from "../../cluster/snapshot.ts";
import { liveBytes } from "../../values/quantity.ts";
import { BACKUPS_CLAIM } from "../../generate/kubernetes/storage.ts";
import { claims, type Expected } from "./expected.ts";
import { fail, type Finding, measure, pass, passUnless, type Result, skip } from "./results.ts";

/** Returns one result for each claim. */
export async function checkVolumes(kubectl: Kubectl, expected: Expected): Promise<Result[]> {
  const wanted = claims(expected);
  const namespaces = [...new Set(wanted.map(({ metadata }) => metadata?.namespace ?? ""))];
  const live = list<IPersistentVolumeClaim>(kubectl, "persistentvolumeclaims", namespaces);
  return await Promise.all(
    wanted.map((claim) => measure("volume", claim.metadata?.name ?? "", async () => bound(claim, await live))),
  );
}

function bound({ metadata, spec }: IPersistentVolumeClaim, live: readonly IPersistentVolumeClaim[]): Finding {
  const claim = live.find((candidate) =>
    candidate.metadata?.name === metadata?.name && candidate.metadata?.namespace === metadata?.namespace
  );
  if (claim === undefined) return fail(`no claim ${metadata?.name} in namespace ${metadata?.namespace}`);
  const { phase, capacity } = claim.status ?? {};
  if (phase === "Pending" && metadata?.name === BACKUPS_CLAIM) {
    return skip("Pending: with this storage class, the first backup creates its volume");
  }
  if (phase !== "Bound") return fail(`${phase}, not Bound`);
  const [size, wanted] = [String(capacity?.["storage"]), String(spec?.resources?.requests?.["storage"])];
  return passUnless(
    liveBytes(size) >= liveBytes(wanted) ? [] : [`${size}, but pack.yaml requires ${wanted}`],
    `bound, ${size} of ${claim.spec?.storageClassName}`,
  );
}

/**
 * Tries to delete the guarded objects as a server-side dry run, which includes admission but deletes nothing. Passes only if
 * the guard itself refuses; a missing permission proves nothing.
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
