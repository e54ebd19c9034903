/**
 * Checks that the backup runs, and that its last success is recent. A Job of the backup succeeds only if a restore test has read
 * back both archives, so the time of the last success is that of the newest good archive, and no pod has to look at the volume.
 *
 * @module
 */

import type { ICronJob } from "kubernetes-models/batch/v1/CronJob";
import type { Kubectl } from "../../cluster/kubectl.ts";
import type { KubernetesObject } from "../../generate/kubernetes/object.ts";
import { once } from "../../values/once.ts";
import { liveBytes, toMillicores } from "../../values/quantity.ts";
import type { Expected } from "./expected.ts";
import { fail, type Finding, measure, pass, type Result, skip } from "./results.ts";

/** Hours after which the newest good archive is too old: with the nightly schedule, two nights have failed. */
const MAX_HOURS = 48;

/** Returns two results, or none without backups. */
export async function checkBackup(kubectl: Kubectl, expected: Expected, now: number): Promise<Result[]> {
  const wanted = expected.objects.find((object): object is KubernetesObject & ICronJob => object.kind === "CronJob");
  const { name = "", namespace = "" } = wanted?.metadata ?? {};
  if (wanted === undefined) return [];
  const live = once(async (): Promise<ICronJob | undefined> => {
    const args = ["get", "cronjob", name, `--namespace=${namespace}`, "--output=json", "--ignore-not-found"];
    const text = await kubectl.run([...args, "--request-timeout=10s"]);
    return text.trim() === "" ? undefined : JSON.parse(text);
  });
  const check = (subject: string, find: (live: ICronJob) => Finding) =>
    measure("backup", subject, async () => {
      const found = await live();
      return found === undefined ? fail(`no CronJob ${name} in namespace ${namespace}`) : find(found);
    });
  return [
    await check(name, (live) => asGenerated(wanted, live, expected.overlay)),
    await check("newest good archive", (live) => recent(wanted, live, now)),
  ];
}

const SUSPENDED = "a trial suspends it, because a trial is not kept";

function asGenerated(wanted: ICronJob, live: ICronJob, overlay: string): Finding {
  const paths = differences(wanted.spec, live.spec, "spec");
  if (paths.length > 0) {
    const named = paths.slice(0, 5).join(", ") + (paths.length > 5 ? ` and ${paths.length - 5} more` : "");
    return fail(`it differs from overlays/${overlay} in ${named}; apply the overlay`);
  }
  if (wanted.spec?.suspend === true) return skip(SUSPENDED);
  if (live.spec?.suspend === true) {
    const patch = `'{"spec":{"suspend":false}}'`;
    return fail(
      `it is suspended; kubectl --namespace=${live.metadata?.namespace} patch cronjob ${live.metadata?.name} --patch=${patch}`,
    );
  }
  return pass(`runs at ${live.spec?.schedule} ${live.spec?.timeZone ?? ""}`.trim());
}

function recent(wanted: ICronJob, { metadata, status }: ICronJob, now: number): Finding {
  if (wanted.spec?.suspend === true) return skip(SUSPENDED);
  const last = status?.lastSuccessfulTime;
  const hours = (now - Date.parse(last ?? metadata?.creationTimestamp ?? "")) / 3_600_000;
  if (hours <= MAX_HOURS) return last === undefined ? skip("no night has passed yet") : pass(`of ${last}`);
  const age = last === undefined ? "there is none" : `it is of ${last}, and more than ${MAX_HOURS} hours old`;
  return fail(`${age}; kubectl --namespace=${metadata?.namespace} get jobs, and read the log of the newest one`);
}

/**
 * Returns the paths where a live object lacks or changes something of the generated one. What only the live one has, such as the
 * API server's defaults, is no difference, except in a list.
 */
export function differences(wanted: unknown, live: unknown, path: string): string[] {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(live) || live.length !== wanted.length) return [path];
    return wanted.flatMap((item, index) => differences(item, live[index], `${path}[${index}]`));
  }
  if (typeof wanted === "object" && wanted !== null) {
    if (typeof live !== "object" || live === null) return [path];
    const fields = new Map<string, unknown>(Object.entries(live));
    return Object.entries(wanted).flatMap(([key, value]) => differences(value, fields.get(key), `${path}.${key}`));
  }
  return wanted === live || sameQuantity(wanted, live) ? [] : [path];
}

/** The API server writes 1024Mi as 1Gi, and 1000m as 1. */
function sameQuantity(wanted: unknown, live: unknown): boolean {
  if (typeof wanted !== "string" || typeof live !== "string") return false;
  return liveBytes(wanted) === liveBytes(live) ||
    [wanted, live].every((value) => /^\d+m?$/.test(value)) && toMillicores(wanted) === toMillicores(live);
}
