/**
 * Secrets, to compare. No value is ever told.
 *
 * @module
 */

import type { Json } from "../support.ts";
import type { Kubectl } from "./kubectl.ts";

/** Secrets by `namespace/name`; values are in base64, as the API has them. */
export type Secrets = Readonly<
  Record<string, { readonly type: string; readonly data: Readonly<Record<string, string>> }>
>;

/** The Secrets among some objects of a cluster. */
export function secretsAmong(objects: readonly Json[]): Secrets {
  return Object.fromEntries(
    objects.filter(({ kind }) => kind === "Secret").map(({ metadata: { namespace, name }, type, data }) => [
      `${namespace}/${name}`,
      { type, data: data ?? {} },
    ]),
  );
}

/** All Secrets of some namespaces. */
export async function secretsIn(cluster: Kubectl, namespaces: readonly string[]): Promise<Secrets> {
  const lists = await Promise.all(namespaces.map((name) => cluster.get("secrets", `--namespace=${name}`)));
  return secretsAmong(lists.flatMap(({ items }) => items));
}

/** A value as the API has it. */
export function base64(value: string): string {
  return new TextEncoder().encode(value).toBase64();
}

/** In what some Secrets are not as they should be. */
export function differences(should: Secrets, are: Secrets): string[] {
  const names = [...new Set([...Object.keys(should), ...Object.keys(are)])].toSorted();
  return names.flatMap((name) => {
    const [one, other] = [should[name], are[name]];
    if (other === undefined) return [`${name} is missing`];
    if (one === undefined) return [`${name} is one too many`];
    const keys = [...new Set([...Object.keys(one.data), ...Object.keys(other.data)])].toSorted();
    return [
      ...(one.type === other.type ? [] : [`${name} is of type ${other.type}`]),
      ...keys.flatMap((key) => {
        if (other.data[key] === undefined) return [`${name} lacks ${key}`];
        if (one.data[key] === undefined) return [`${name} has ${key} besides`];
        return one.data[key] === other.data[key] ? [] : [`${name} has another ${key}`];
      }),
    ];
  });
}
