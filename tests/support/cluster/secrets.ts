/**
 * Compares Secrets. Never prints a value.
 *
 * @module
 */

import type { Json } from "../support.ts";
import type { Kubectl } from "./kubectl.ts";

/** Secrets by `namespace/name`. Values are in base64, as in the API. */
export type Secrets = Readonly<
  Record<string, { readonly type: string; readonly data: Readonly<Record<string, string>> }>
>;

/** Returns the Secrets among some objects of a cluster. */
export function secretsAmong(objects: readonly Json[]): Secrets {
  return Object.fromEntries(
    objects.filter(({ kind }) => kind === "Secret").map(({ metadata: { namespace, name }, type, data }) => [
      `${namespace}/${name}`,
      { type, data: data ?? {} },
    ]),
  );
}

/** Returns all Secrets of some namespaces. */
export async function secretsIn(cluster: Kubectl, namespaces: readonly string[]): Promise<Secrets> {
  const lists = await Promise.all(namespaces.map((name) => cluster.get("secrets", `--namespace=${name}`)));
  return secretsAmong(lists.flatMap(({ items }) => items));
}

/** Returns a value as the API has it. */
export function base64(value: string): string {
  return new TextEncoder().encode(value).toBase64();
}

/** Returns how Secrets differ from the expected ones. */
export function differences(expected: Secrets, actual: Secrets): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].toSorted();
  return names.flatMap((name) => {
    const [one, other] = [expected[name], actual[name]];
    if (other === undefined) return [`${name} is missing`];
    if (one === undefined) return [`${name} is unexpected`];
    const keys = [...new Set([...Object.keys(one.data), ...Object.keys(other.data)])].toSorted();
    return [
      ...(one.type === other.type ? [] : [`${name} is of type ${other.type}`]),
      ...keys.flatMap((key) => {
        if (other.data[key] === undefined) return [`${name} lacks ${key}`];
        if (one.data[key] === undefined) return [`${name} has an unexpected ${key}`];
        return one.data[key] === other.data[key] ? [] : [`${name} has a different ${key}`];
      }),
    ];
  });
}
