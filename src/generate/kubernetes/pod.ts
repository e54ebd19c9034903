/**
 * Settings of every pod and container in this pack (requirement B10): no service account token, no root, no privilege
 * escalation, no capabilities, the runtime's seccomp profile, and limits.
 *
 * @module
 */

import type { OWN_ENV } from "../../tables/environment.ts";
import { toMebibytes } from "../../values/quantity.ts";
import type { Reader, Resources, Workload } from "../../model/workloads.ts";
import { secretKey } from "../../tables/secrets.ts";

/** An environment variable with a literal value or a value from a Secret. */
export type EnvVar =
  | { name: string; value?: string }
  | { name: string; valueFrom: { secretKeyRef: { name: string; key: string } } };

/** Returns the security context of an unprivileged container. */
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

/** Fields that are the same in every pod's spec. */
export const POD_DEFAULTS = {
  // A process that escapes from a container finds no credentials for the cluster's API.
  automountServiceAccountToken: false,
  // Otherwise every Service of the namespace would appear in the environment, next to the secrets.
  enableServiceLinks: false,
  securityContext: { seccompProfile: { type: "RuntimeDefault" as const } },
};

/** Fields that are the same in every container. `kubectl describe` shows the last lines of a crash. */
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

/** Requests and limits of a container that needs little. */
export const SMALL_RESOURCES = {
  requests: { cpu: "10m", memory: "32Mi" },
  limits: { cpu: "500m", memory: "128Mi" },
};

/** Returns Node's heap option for a memory limit: three quarters, because the rest is for buffers and native memory. */
export function nodeHeap(memoryLimit: string): string {
  return `--max-old-space-size=${Math.floor(toMebibytes(memoryLimit) * 0.75)}`;
}

/**
 * Returns a reader's secrets as environment variables, one by one, so that only secrets with a row in the table are included.
 */
export function secretEnv({ reads, secret: { name } }: Reader): EnvVar[] {
  return reads.flatMap(({ secret, env }) =>
    env.map((variable) => ({ name: variable, valueFrom: { secretKeyRef: { name, key: secretKey(secret.name) } } }))
  );
}

/** Returns a volume with the secrets that a reader uses as files. */
export function secretFiles({ reads, secret }: Reader, name: string) {
  const items = reads.flatMap(({ secret, file }) =>
    file === undefined ? [] : [{ key: secretKey(secret.name), path: file }]
  );
  // The strictest mode. fsGroup adds read permission for the group, which ssh accepts because its user does not own the files.
  return { name, secret: { secretName: secret.name, defaultMode: 0o400, items } };
}

/** Returns the environment variables that a pod sets itself; the type requires each to be in {@linkcode OWN_ENV}. */
export function ownEnv<W extends keyof typeof OWN_ENV>(
  _workload: W,
  values: Readonly<Partial<Record<(typeof OWN_ENV)[W][number], string>>>,
): EnvVar[] {
  return plainEnv(values as Readonly<Record<string, string>>);
}

/** Returns plain environment variables. The API server drops an empty value, so that writing it would be a change at every apply. */
export function plainEnv(values: Readonly<Record<string, string>>): EnvVar[] {
  return Object.entries(values).map(([name, value]) => value === "" ? { name } : { name, value });
}
