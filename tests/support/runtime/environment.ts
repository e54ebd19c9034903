/**
 * What a container uses from other objects: values of Secrets, names of Services.
 *
 * @module
 */

import type { IContainer } from "kubernetes-models/v1/Container";
import type { Json } from "../support.ts";
import { dataOf } from "./objects.ts";

/** Returns a container's environment, with the values from Secrets. */
export function envOf(container: IContainer, objects: readonly Json[]): Record<string, string> {
  return Object.fromEntries((container.env ?? []).map(({ name, value, valueFrom }) => {
    if (valueFrom === undefined) return [name, value ?? ""];
    const { secretKeyRef: ref, ...others } = valueFrom;
    if (ref === undefined) throw new Error(`${name}: ${Object.keys(others)} is not supported here`);
    const found = dataOf(objects, "Secret", ref.name ?? "")[ref.key];
    if (found === undefined) throw new Error(`${name}: Secret ${ref.name} has no key ${ref.key}`);
    return [name, found];
  }));
}

/** Returns the objects with some values of Secrets replaced. */
export function withSecrets(
  objects: readonly Json[],
  secrets: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Json[] {
  return objects.map((object) => {
    const values = object.kind === "Secret" ? secrets[object.metadata.name] : undefined;
    return values === undefined ? object : { ...object, stringData: { ...object.stringData, ...values } };
  });
}

/** Returns every name of the Services that select the pod. Without kube-proxy, a Service's port must be the pod's own. */
export function serviceNames(objects: readonly Json[], namespace: string, labels: Record<string, string>): string[] {
  const services = objects.filter(({ kind, metadata, spec }) =>
    kind === "Service" && metadata.namespace === namespace &&
    Object.entries(spec.selector).every(([label, value]) => labels[label] === value)
  );
  return services.flatMap(({ metadata: { name }, spec }) => {
    for (const { port, targetPort = port } of spec.ports) {
      if (typeof targetPort === "number" && targetPort !== port) throw new Error(`Service ${name} changes the port`);
    }
    return ["", `.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.cluster.local`].map((end) => name + end);
  });
}
