/**
 * What every pod and container of this pack has in common (requirement B10): no service account token, no root, no escalation, no
 * capability, the runtime's seccomp profile, limits.
 *
 * @module
 */

import type { OWN_ENV } from "../../tables/environment.ts";
import { toMebibytes } from "../../values/quantity.ts";
import type { Reader, Resources, Workload } from "../../model/workloads.ts";
import { secretKey } from "../../tables/secrets.ts";

/** An environment variable, its value written here or taken from a Secret. */
export type EnvVar =
  | { name: string; value: string }
  | { name: string; valueFrom: { secretKeyRef: { name: string; key: string } } };

/** Security context of a container that needs nothing from its node. */
export function lockedDown({ uid }: Pick<Workload, "uid">) {
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: uid,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  };
}

/** Fields of a pod's spec that are the same everywhere. */
export const POD_DEFAULTS = {
  // A process that escapes from a container finds no credentials for the cluster's API.
  automountServiceAccountToken: false,
  // Otherwise every Service of the namespace would appear in the environment, next to the secrets.
  enableServiceLinks: false,
  securityContext: { seccompProfile: { type: "RuntimeDefault" as const } },
};

/** Fields of a container that are the same everywhere: a crash's last lines show in `kubectl describe`. */
export const CONTAINER_DEFAULTS = {
  imagePullPolicy: "IfNotPresent",
  terminationMessagePolicy: "FallbackToLogsOnError",
} as const;

/** Returns the requests and limits of a container. */
export function resources(row: Resources) {
  return {
    requests: { cpu: row.cpuRequest, memory: row.memoryRequest },
    limits: { cpu: row.cpuLimit, memory: row.memoryLimit },
  };
}

/** Limits of a step that runs for seconds. */
export const SMALL_RESOURCES = {
  requests: { cpu: "10m", memory: "32Mi" },
  limits: { cpu: "500m", memory: "128Mi" },
};

/** Node's option for a memory limit: three quarters, since the rest is for buffers and native memory. */
export function nodeHeap(memoryLimit: string): string {
  return `--max-old-space-size=${Math.floor(toMebibytes(memoryLimit) * 0.75)}`;
}

/** Returns a reader's secrets as environment variables, one by one: nothing gets in that has no row in the table. */
export function secretEnv({ reads, secret: { name } }: Reader): EnvVar[] {
  return reads.flatMap(({ secret, env }) =>
    env.map((variable) => ({ name: variable, valueFrom: { secretKeyRef: { name, key: secretKey(secret.name) } } }))
  );
}

/** Returns a volume with those secrets of a reader that are files. */
export function secretFiles({ reads, secret }: Reader, name: string) {
  const items = reads.flatMap(({ secret, file }) =>
    file === undefined ? [] : [{ key: secretKey(secret.name), path: file }]
  );
  // As narrow as possible. fsGroup adds the group, which ssh accepts, since the files are not its own user's.
  return { name, secret: { secretName: secret.name, defaultMode: 0o400, items } };
}

/** The environment variables that a pod sets itself, each of them listed in {@linkcode OWN_ENV}. */
export function ownEnv<W extends keyof typeof OWN_ENV>(
  _workload: W,
  values: Readonly<Partial<Record<(typeof OWN_ENV)[W][number], string>>>,
): EnvVar[] {
  return plainEnv(values as Readonly<Record<string, string>>);
}

/** Plain environment variables. */
export function plainEnv(values: Readonly<Record<string, string>>): EnvVar[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
