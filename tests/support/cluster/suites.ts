/**
 * The suites of `deno task e2e`: every `*_test.ts` of tests/e2e. A row lists what a suite creates on a given cluster, or states
 * why it only runs on the tests' own.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** How a suite uses a given cluster. */
type Row =
  /** What it creates, each as `kind/name`. A namespace includes its contents; `crd/*.GROUP` is every definition of a group. */
  | { readonly creates: readonly string[] }
  /** The reason why it needs the tests' own cluster. */
  | { readonly ownOnly: string };

const TRIAL = ["namespace/openclaw"];
const GUARD = [
  "validatingadmissionpolicybinding/openclaw-data-guard",
  "validatingadmissionpolicy/openclaw-data-guard",
];
const ESO_DEFINITIONS = ["crd/*.external-secrets.io"];
const ARGO_CD = [
  "namespace/argocd",
  "clusterrole/argocd-application-controller",
  "clusterrolebinding/argocd-application-controller",
  "crd/*.argoproj.io",
];
const PRODUCTION = [
  ...GUARD,
  ...TRIAL,
  "namespace/openclaw-sandbox",
  ...ARGO_CD,
  ...ESO_DEFINITIONS,
];
const GUARDED = [...PRODUCTION, "namespace/other", "storageclass/longhorn"];

const ROWS: Readonly<Record<string, Row>> = {
  apart: { ownOnly: "it replaces the nodes" },
  argocd: { creates: GUARDED },
  cluster: { ownOnly: "it tests the tests' own cluster" },
  eso: {
    creates: [
      ...TRIAL,
      "namespace/openclaw-all",
      "namespace/openclaw-all-sandbox",
      "namespace/external-secrets",
      "clusterrolebinding/openclaw-pack-e2e-external-secrets",
      ...ESO_DEFINITIONS,
    ],
  },
  eso_ssm: { ownOnly: "its fake of SSM is reachable only from the tests' own cluster" },
  flood: { creates: TRIAL },
  given: { ownOnly: "it tests this option" },
  guard: { creates: GUARDED },
  kind: { creates: [...TRIAL, "namespace/openclaw-pack-stranger"] },
  loss: { ownOnly: "it kills the kubelet and fills disks" },
  network: { ownOnly: "it listens in the networks of pods, of the node and of the internet" },
  pod_security: { creates: [...TRIAL, "namespace/openclaw-sandbox"] },
  prod: { creates: [...PRODUCTION, ...[0, 1, 2, 3, 4].map((index) => `namespace/openclaw-${index}`)] },
  trial: { creates: [...TRIAL, ...GUARD, "namespace/fx", "namespace/strict"] },
  verify: { creates: TRIAL },
};

/** A suite. */
export interface Suite {
  readonly name: string;
  readonly path: string;
  /** What it creates on a given cluster, as in {@linkcode ROWS}. */
  readonly creates: readonly string[];
  /** Why it cannot run on a given cluster. */
  readonly ownOnly: string | undefined;
}

/** Returns all suites, sorted. */
export async function suites(): Promise<Suite[]> {
  const folder = fileURLToPath(new URL("../../e2e/", import.meta.url));
  const names = (await Array.fromAsync(Deno.readDir(folder))).flatMap((entry) =>
    /^(.+)_test\.ts$/.exec(entry.name)?.[1] ?? []
  );
  return names.toSorted().map((name) => {
    const row = ROWS[name] ?? { ownOnly: "it is not in tests/support/cluster/suites.ts" };
    const path = `${folder}${name}_test.ts`;
    return "creates" in row
      ? { name, path, creates: row.creates, ownOnly: undefined }
      : { name, path, creates: [], ownOnly: row.ownOnly };
  });
}
