/**
 * openclaw-pack: one typed model generates the Terraform and the Kubernetes manifests of a hardened OpenClaw deployment.
 *
 * Data flows one way: the text of a pack.yaml is read into a configuration ({@linkcode readPack}), a configuration gives files
 * ({@linkcode generate}), files are compared with a folder ({@linkcode planWrite}) and written there ({@linkcode applyWrite}).
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

export { awsCli } from "./src/commands/ssm/cli.ts";
export { AwsFailed } from "./src/commands/ssm/failure.ts";
export {
  type Aws,
  checkAccount,
  type ParameterState,
  parameterStates,
  putValue,
  shellCommands,
} from "./src/commands/ssm/ssm.ts";
export { ValueRefused } from "./src/values/secret_format.ts";
export { type ConfigPath, type Fault, formatFault, PackFaults, type Position } from "./src/config/fault.ts";
export { type Pack, readPack } from "./src/config/read.ts";
export type { PackConfig, PackInput } from "./src/config/schema.ts";
export { generate } from "./src/generate/generate.ts";
export type { Outcome } from "./src/cluster/program.ts";
export { type LeftOver, LeftOverHcl, leftOverHcl } from "./src/commands/gen/left_over.ts";
export { applyWrite, type Drift, ForeignFiles, planWrite, type WritePlan } from "./src/output/writer.ts";
export type { OutputFile } from "./src/output/file.ts";
