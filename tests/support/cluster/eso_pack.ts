/**
 * What a configuration says of parameters and Secrets: by Terraform's plan, by the tables, by the pods.
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

/** A pack that shares no name with another, so that both can stand in one cluster and one store. */
export function apart(name: string) {
  return {
    aws: { ssmPrefix: `/elsewhere/${name}/` },
    cluster: { namespace: `openclaw-${name}`, secretStore: `store-${name}` },
  } satisfies PackInput;
}

/** A pack with every secret that there is, and more for each workload that can have them. */
export const EVERY_SECRET: PackInput = {
  ...apart("all"),
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

/** What is generated of a configuration; without one, of the committed pack.yaml, with the committed overlay. */
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

/** Parameters that plans of the directories would make. */
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

/** Every parameter that the tables have. */
export function parametersOf(model: Model): string[] {
  return model.secrets.map(({ parameter }) => parameter);
}

/** Parameters without a reader. */
export function unread(model: Model): string[] {
  return model.secrets.filter(({ readers }) => readers.length === 0).map(({ parameter }) => parameter);
}

/** A value that is plainly none, and that nobody can carry who quotes, trims, splits or fills in. */
export function valueOf(parameter: string): string {
  return `fake value of ${parameter}: "quoted" {{ .left }} $HOME \\n ünïcode\n  and a second line\n`;
}

/** The Secrets that the model says. */
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

/** The keys of some Secrets, each as `namespace/name key`. */
export function keysIn(secrets: Secrets): string[] {
  return Object.entries(secrets).flatMap(([name, { data }]) => Object.keys(data).map((key) => `${name} ${key}`))
    .toSorted();
}

/** The keys that the pods of an overlay name, likewise. */
export function keysThatPodsRead(objects: readonly Json[]): string[] {
  return objects.filter(({ kind }) => kind === "Deployment" || kind === "CronJob").flatMap((workload) =>
    Object.entries(secretUses(workload)).flatMap(([name, keys]) =>
      keys.map((key) => `${workload.metadata.namespace}/${name} ${key}`)
    )
  ).toSorted();
}
