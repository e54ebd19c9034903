/**
 * The parameters and Secrets of a configuration, according to Terraform's plan, to the tables and to the pods.
 *
 * @module
 */

import assert from "node:assert/strict";
import { generate, type OutputFile, type PackInput, readPack } from "openclaw-pack";
import { stringify } from "yaml";
import { buildModel, type Model } from "../../../src/model/model.ts";
import { secretUses } from "../../unit/generate/kubernetes/secret_uses.ts";
import { overlay } from "../runtime/objects.ts";
import { type Json, S3, SSH } from "../support.ts";
import { below, directoriesOf, type Files } from "../terraform/directories.ts";
import type { Terraform } from "../terraform/standin.ts";
import { newWorkspace, planOf, succeedWith } from "../terraform/workspace.ts";
import { base64, type Secrets } from "./secrets.ts";
import { secretKey } from "../../../src/tables/secrets.ts";

/** Returns input for a pack that shares no names with another, so that both fit in one cluster and one store. */
export function isolatedPack(name: string) {
  return {
    aws: { ssmPrefix: `/elsewhere/${name}/` },
    cluster: { namespace: `openclaw-${name}`, secretStore: `store-${name}` },
  } satisfies PackInput;
}

/** A pack with every possible secret, and the user's own secrets for each workload that can have them. */
export const EVERY_SECRET: PackInput = {
  ...isolatedPack("all"),
  ...S3,
  cloudflare: { provider: 5 },
  gateway: { auth: "cloudflare-access" },
  sandbox: { ...SSH.sandbox, namespace: "openclaw-all-sandbox" },
  secrets: [
    { name: "GRAFANA_API_KEY", description: "Grafana, read only", env: ["GRAFANA_API_KEY", "GRAFANA_TOKEN"] },
    { name: "XAI_API_KEY", description: "another model", reader: "litellm" },
    { name: "TUNNEL_EXTRA", description: "for the tunnel's client", reader: "cloudflared" },
  ],
};

/** Generates a configuration. Without input it is the committed pack.yaml, with the committed overlay. */
export async function packOf(input: PackInput | undefined) {
  const text = input === undefined ? await Deno.readTextFile("pack.yaml") : stringify(input);
  const { config } = readPack(text);
  const files: OutputFile[] = await generate(config);
  return {
    model: await buildModel(config),
    directories: new Map(directoriesOf(files).map((path) => [path, below(files, path)] as const)),
    objects: await overlay("prod", input),
  };
}

/** Returns the parameters that plans of the directories would create. */
export async function plannedParameters(
  terraform: Terraform,
  directories: ReadonlyMap<string, Files>,
): Promise<{ name: string; type: string }[]> {
  const rows = await Promise.all([...directories.values()].map(async (files) => {
    await using workspace = await newWorkspace(files);
    await succeedWith(terraform, workspace, "init", "-input=false", "-no-color");
    const { resource_changes } = await planOf(terraform, workspace);
    return (resource_changes as Json[]).filter(({ type }) => type === "aws_ssm_parameter").map(({ change }) => {
      assert.deepEqual(change.actions, ["create"]);
      return { name: change.after.name, type: change.after.type };
    });
  }));
  return rows.flat();
}

/** Returns every parameter of the tables. */
export function parametersOf(model: Model): string[] {
  return model.secrets.map(({ parameter }) => parameter);
}

/** Returns the parameters without a reader. */
export function unread(model: Model): string[] {
  return model.secrets.filter(({ readers }) => readers.length === 0).map(({ parameter }) => parameter);
}

/** Returns a value that is plainly fake, and that quoting, trimming, splitting or templating would change. */
export function valueOf(parameter: string): string {
  return `fake value of ${parameter}: "quoted" {{ .left }} $HOME \\n ünïcode\n  and a second line\n`;
}

/** Returns the Secrets that the model defines. */
export function expected(model: Model): Secrets {
  return Object.fromEntries(
    model.readers.map(({ namespace, reads, secret }) => [`${namespace}/${secret.name}`, {
      type: "Opaque",
      data: Object.fromEntries(
        reads.map(({ secret: { name, parameter } }) => [secretKey(name), base64(valueOf(parameter))]),
      ),
    }]),
  );
}

/** Returns the keys of some Secrets, each as `namespace/name key`. */
export function keysIn(secrets: Secrets): string[] {
  return Object.entries(secrets).flatMap(([name, { data }]) => Object.keys(data).map((key) => `${name} ${key}`))
    .toSorted();
}

/** Returns the keys that the pods of an overlay read, each as `namespace/name key`. */
export function keysThatPodsRead(objects: readonly Json[]): string[] {
  return objects.filter(({ kind }) => kind === "Deployment" || kind === "CronJob").flatMap((workload) =>
    Object.entries(secretUses(workload)).flatMap(([name, keys]) =>
      keys.map((key) => `${workload.metadata.namespace}/${name} ${key}`)
    )
  ).toSorted();
}
