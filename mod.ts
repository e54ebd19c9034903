/**
 * openclaw-pack: one typed model generates the Terraform and the Kubernetes manifests of a hardened OpenClaw deployment.
 *
 * Data flows one way. {@linkcode readPack} reads the text of a pack.yaml into a configuration, {@linkcode generate} renders a
 * configuration to files, {@linkcode planWrite} compares the files with a folder, and {@linkcode applyWrite} writes what differs.
 * {@linkcode buildModel} returns the tables that the files are rendered from: workloads, secrets with their readers, and flows.
 *
 * @example Generate somebody else's deployment
 * ```ts
 * import { applyWrite, generate, planWrite, readPack } from "openclaw-pack";
 * import assert from "node:assert/strict";
 *
 * const out = await Deno.makeTempDir();
 * const { config } = readPack("hostname: claw.example.com\nzone: example.com\n");
 * applyWrite(out, await planWrite(out, await generate(config)));
 *
 * const dns = JSON.parse(await Deno.readTextFile(`${out}/terraform/cloudflare/example.com/openclaw/dns.tf.json`));
 * assert.equal(dns.resource.cloudflare_record.openclaw.name, "claw");
 * await Deno.remove(out, { recursive: true });
 * ```
 *
 * @module
 */

export { UserError } from "./src/errors.ts";
export { type ConfigPath, formatPackError, type PackError, PackErrors, type Position } from "./src/config/errors.ts";
export { type Pack, readPack } from "./src/config/read.ts";
export type { PackConfig, PackInput } from "./src/config/schema.ts";
export { buildModel, type Deployed, type Model } from "./src/model/model.ts";
export type { Flow, ForeignPods, Port, Target } from "./src/model/flows.ts";
export type { IpBlock } from "./src/model/internet.ts";
export type { Secret } from "./src/model/secrets.ts";
export type {
  Reader,
  ReadSecret,
  Resources,
  SecretNames,
  Sidecar,
  Workload,
  WorkloadRow,
} from "./src/model/workloads.ts";
export type { Condition, SecretReader, SecretSource } from "./src/tables/secrets.ts";
export { KEY_PROXY, type ReaderName, WORKLOAD_NAMES, type WorkloadName } from "./src/tables/workloads.ts";
export type { SecretFormat } from "./src/values/secret_format.ts";
export { generate } from "./src/generate/generate.ts";
export { applyWrite, type Drift, ForeignFiles, planWrite, type WritePlan } from "./src/output/writer.ts";
export { formatDrift } from "./src/output/diff.ts";
export type { OutputFile } from "./src/output/file.ts";
export { type JsonSchema, packJsonSchema } from "./src/reference/json_schema.ts";
