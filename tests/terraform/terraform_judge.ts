/**
 * The real Terraform core and tflint judge both generated directories.
 *
 * The providers are stand-ins (see standin.ts) with the schemas of the pinned npm bindings, because the real ones can only be had
 * from the registry. So this says that Terraform accepts the structure, types, references and graph, that a second plan is
 * empty and that a value set by hand survives; it says nothing of how AWS or Cloudflare behave.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { generate, type OutputFile, readPack } from "openclaw-pack";
import { AQUA } from "../../src/config/defaults.ts";
import { exec, installed, must, onPath, type Outcome, part } from "../judges/parts.ts";
import type { Json } from "../support.ts";
import { type TempDir, tempDir } from "../temp_dir.ts";
import { configFaults } from "./config_check.ts";
import { type TerraformJson, usedBy } from "./schemas.ts";
import { type Terraform, terraform, type Workspace } from "./standin.ts";

/** The files of one working directory: names to texts. */
type Files = ReadonlyMap<string, string>;

const AWS = "terraform/aws/openclaw";
const CLOUDFLARE = "terraform/cloudflare/b0xp.io/openclaw";

/** Each pack that is judged, with the two directories that it gives. */
const PACKS = [
  { pack: "pack.yaml", text: await Deno.readTextFile("pack.yaml") },
  { pack: "an empty pack.yaml", text: "" },
] as const;

const targets = (await Promise.all(PACKS.map(async ({ pack, text }) => {
  const files = await generate(readPack(text).config);
  return directoriesOf(files).map((path) => ({ name: `${path} of ${pack}`, path, files: below(files, path) }));
}))).flat()
  // The committed pack.yaml may well be as good as empty.
  .filter(({ files }, index, all) => all.findIndex((other) => sameFiles(other.files, files)) === index);

const core = await part("Terraform with stand-in providers", async () => {
  const used = usedBy(targets.flatMap(({ files }) => jsonOf(files)));
  return await terraform(used);
});

const tflint = await part("tflint", async () => {
  const version = AQUA.tflint;
  const folder = await installed(`tflint-${version}`, async (folder) => {
    const go = await onPath("go");
    const module = `github.com/terraform-linters/tflint@${version}`;
    await must(go, ["install", module], { env: { GOBIN: folder, GOFLAGS: "-trimpath" } });
  });
  return join(folder, "tflint");
});

for (const { name, files } of targets) {
  Deno.test({
    name: `Terraform accepts ${name}, and has nothing to do the second time`,
    ignore: core.ignore,
    fn: async () => {
      await using workspace = await workspaceOf(files);
      await initialized(workspace);
      assert.deepEqual(await validated(workspace), []);

      const plan = await core.value.run(workspace, "plan", ...PLAN, "-out=plan");
      assert.equal(plan.code, CHANGES, text(plan));
      const { resource_changes } = JSON.parse((await succeed(workspace, "show", "-json", "plan")).stdout) as Json;
      const planned = resource_changes.map((change: Json) => `${change.change.actions.join()} ${change.address}`);
      assert.deepEqual(planned.toSorted(), addresses(files).map((address) => `create ${address}`));

      const applied = await succeed(workspace, "apply", "-input=false", "-no-color", "plan");
      assert.match(applied.stdout, new RegExp(`Apply complete! Resources: ${planned.length} added, 0 changed`));
      await unchanged(workspace);
      await succeed(workspace, "destroy", "-input=false", "-no-color", "-auto-approve");
    },
  });

  Deno.test(`the schemas of the bindings admit every key and value of ${name}`, { ignore: core.ignore }, () => {
    assert.deepEqual(configFaults(jsonOf(files), core.value.providers), []);
  });

  Deno.test(`tflint with the generated configuration finds nothing in ${name}`, { ignore: tflint.ignore }, async () => {
    assert.deepEqual(await lint(files), []);
  });
}

Deno.test("references lead to the values that they mean", { ignore: core.ignore }, async () => {
  await using workspace = await workspaceOf(target(CLOUDFLARE));
  await initialized(workspace);
  await succeed(workspace, "apply", "-input=false", "-no-color", "-auto-approve");
  const { values } = JSON.parse((await succeed(workspace, "show", "-json")).stdout) as Json;
  const at = (address: string) => values.root_module.resources.find((row: Json) => row.address === address).values;

  const tunnel = at("cloudflare_tunnel.openclaw_tunnel");
  const { result } = at("random_password.tunnel_secret");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(result));
  assert.equal(tunnel.secret, new Uint8Array(digest).toBase64());
  assert.equal(at("cloudflare_record.openclaw").content, tunnel.cname);
  assert.equal(at("aws_ssm_parameter.openclaw_tunnel_token").value, tunnel.tunnel_token);
  const config = at("cloudflare_tunnel_config.openclaw_tunnel");
  assert.equal(config.tunnel_id, tunnel.id);
  assert.equal(config.config[0].ingress_rule[0].hostname, at("cloudflare_record.openclaw").hostname);
  const policy = at("cloudflare_access_policy.openclaw_policy");
  assert.equal(policy.application_id, at("cloudflare_access_application.openclaw").id);
  assert.deepEqual(policy.include[0].login_method, [at("data.cloudflare_access_identity_provider.github").id]);
});

Deno.test("a value set by hand survives an apply, and without ignore_changes it does not", {
  ignore: core.ignore,
}, async () => {
  const BY_HAND = "set by hand";
  for (const ignored of [true, false]) {
    const files = ignored ? target(AWS) : edited(target(AWS), "ssm.tf.json", ({ resource }) => {
      for (const parameter of Object.values(resource.aws_ssm_parameter) as Json[]) delete parameter.lifecycle;
    });
    await using workspace = await workspaceOf(files);
    await initialized(workspace);
    await succeed(workspace, "apply", "-input=false", "-no-color", "-auto-approve");
    const folder = join(workspace.store, "aws_ssm_parameter");
    const objects = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => join(folder, name));
    assert.equal(objects.length, addresses(files).length);
    const stored = () => Promise.all(objects.map(async (path) => JSON.parse(await Deno.readTextFile(path)) as Json));
    const [first] = await stored();
    for (const path of objects) {
      const object = JSON.parse(await Deno.readTextFile(path)) as Json;
      assert.equal(object.value, first.value);
      await Deno.writeTextFile(path, JSON.stringify({ ...object, value: BY_HAND }));
    }

    if (ignored) await unchanged(workspace);
    else assert.equal((await core.value.run(workspace, "plan", ...PLAN)).code, CHANGES);
    await succeed(workspace, "apply", "-input=false", "-no-color", "-auto-approve");
    const values = new Set((await stored()).map(({ value }) => value));
    assert.deepEqual([...values], [ignored ? BY_HAND : first.value]);
  }
});

/** A fault put into a good directory. */
interface Fault {
  readonly what: string;
  readonly directory: string;
  readonly change: (files: Files) => Files;
  /** The first command that must fail; by default validate. */
  readonly at?: "init" | "validate" | "plan";
  /** What Terraform must say, as "summary: detail". */
  readonly says: RegExp;
}

const FAULTS: readonly Fault[] = [
  {
    what: "an unknown attribute",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.contents = "x"),
    says: /^Extraneous JSON object property: No argument or block type is named "contents"/,
  },
  {
    what: "an unknown attribute in a nested block",
    directory: CLOUDFLARE,
    change: json(
      "tunnel.tf.json",
      ({ resource }) => resource.cloudflare_tunnel_config.openclaw_tunnel.config.ingress_rule[0].host = "x",
    ),
    says: /^Extraneous JSON object property: No argument or block type is named "host"/,
  },
  {
    what: "an unknown argument of a provider",
    directory: AWS,
    change: json("provider.tf.json", ({ provider }) => provider.aws[0].regions = ["x"]),
    says: /^Extraneous JSON object property: No argument or block type is named "regions"/,
  },
  {
    what: "a missing required argument",
    directory: CLOUDFLARE,
    change: record((openclaw) => delete openclaw.zone_id),
    says: /^Missing required argument: The argument "zone_id" is required/,
  },
  {
    what: "a missing required block",
    directory: CLOUDFLARE,
    change: json("access.tf.json", ({ resource }) => delete resource.cloudflare_access_policy.openclaw_policy.include),
    says: /^Insufficient include blocks: At least 1 "include" blocks are required/,
  },
  {
    what: "a block twice that may stand once",
    directory: CLOUDFLARE,
    change: json(
      "tunnel.tf.json",
      ({ resource: { cloudflare_tunnel_config: { openclaw_tunnel } } }) =>
        openclaw_tunnel.config = [openclaw_tunnel.config, openclaw_tunnel.config],
    ),
    says: /^Too many config blocks: No more than 1 "config" blocks are allowed/,
  },
  {
    what: "a computed-only attribute that is set",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.hostname = "x"),
    says: /^Value for unconfigurable attribute: Can't configure a value for "hostname"/,
  },
  {
    what: "a computed-only attribute that is set in AWS",
    directory: AWS,
    change: json("ssm.tf.json", ({ resource }) => resource.aws_ssm_parameter.github_token.version = 2),
    says: /^Value for unconfigurable attribute: Can't configure a value for "version"/,
  },
  {
    what: "a text where true or false is wanted",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.proxied = "maybe"),
    says: /^Incorrect attribute value type: Inappropriate value for attribute "proxied": a bool is required/,
  },
  {
    what: "a text where a number is wanted",
    directory: CLOUDFLARE,
    change: json("tunnel.tf.json", ({ resource }) => resource.random_password.tunnel_secret.length = "long"),
    says: /^Incorrect attribute value type: Inappropriate value for attribute "length": a number is required/,
  },
  {
    what: "a text where a list is wanted",
    directory: CLOUDFLARE,
    change: json(
      "access.tf.json",
      ({ resource }) => resource.cloudflare_access_policy.openclaw_policy.include[0].login_method = "x",
    ),
    says: /^Incorrect attribute value type: Inappropriate value for attribute "login_method": list of string required/,
  },
  {
    what: "a reference to no resource",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.content = "${cloudflare_tunnel.openclaw.cname}"),
    says: /^Reference to undeclared resource: A managed resource "cloudflare_tunnel" "openclaw" has not been declared/,
  },
  {
    what: "a reference to no attribute",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.content = "${cloudflare_tunnel.openclaw_tunnel.cnam}"),
    says: /^Unsupported attribute: This object has no argument, nested block, or exported attribute named "cnam"/,
  },
  {
    what: "a reference to no data source",
    directory: CLOUDFLARE,
    change: json("access.tf.json", ({ data }) => delete data.cloudflare_access_identity_provider),
    says: /^Reference to undeclared resource: A data resource "cloudflare_access_identity_provider" "github"/,
  },
  {
    what: "an undeclared variable",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.zone_id = "${var.zone}"),
    says: /^Reference to undeclared input variable: An input variable with the name "zone" has not been declared/,
  },
  {
    what: "a variable without a value",
    directory: CLOUDFLARE,
    change: json("variables.tf.json", ({ variable }) => delete variable.zone_id.default),
    at: "plan",
    says: /^No value for required variable: The root module input variable "zone_id" is not set/,
  },
  {
    what: "a default of the wrong type",
    directory: CLOUDFLARE,
    change: json("variables.tf.json", ({ variable }) => variable.zone_id.default = ["x"]),
    says:
      /^Invalid default value for variable: This default value is not compatible with the variable's type constraint/,
  },
  {
    what: "a circle of references",
    directory: CLOUDFLARE,
    change: json(
      "tunnel.tf.json",
      ({ resource }) => resource.cloudflare_tunnel.openclaw_tunnel.name = "${cloudflare_record.openclaw.name}",
    ),
    says: /^Cycle: cloudflare_/,
  },
  {
    what: "a function that is none",
    directory: CLOUDFLARE,
    change: json(
      "tunnel.tf.json",
      ({ resource }) =>
        resource.cloudflare_tunnel.openclaw_tunnel.secret = "${base64sha(random_password.tunnel_secret.result)}",
    ),
    says: /^Call to unknown function: There is no function named "base64sha"/,
  },
  {
    what: "a resource type that the provider has not",
    directory: CLOUDFLARE,
    change: json("dns.tf.json", (file) => file.resource = { cloudflare_records: file.resource.cloudflare_record }),
    says:
      /^Invalid resource type: The provider cloudflare\/cloudflare does not support resource type "cloudflare_records"/,
  },
  {
    what: "ignore_changes of no attribute",
    directory: AWS,
    change: json(
      "ssm.tf.json",
      ({ resource }) => resource.aws_ssm_parameter.github_token.lifecycle.ignore_changes = ["values"],
    ),
    says: /^Unsupported attribute: This object has no argument, nested block, or exported attribute named "values"/,
  },
  {
    what: "ignore_changes as an expression",
    directory: AWS,
    change: json(
      "ssm.tf.json",
      ({ resource }) => resource.aws_ssm_parameter.github_token.lifecycle.ignore_changes = ["${value}"],
    ),
    says: /^Invalid expression: /,
  },
  {
    what: "an unknown argument of lifecycle",
    directory: AWS,
    change: json(
      "ssm.tf.json",
      ({ resource }) => resource.aws_ssm_parameter.github_token.lifecycle = { ignoreChanges: ["value"] },
    ),
    says: /^Extraneous JSON object property: No argument or block type is named "ignoreChanges"/,
  },
  {
    what: "a backend.tf left from before",
    directory: AWS,
    change: leftOver("backend.tf", `terraform {\n  backend "s3" {}\n}\n`),
    at: "init",
    says: /^Duplicate backend configuration: A module may have only one backend configuration/,
  },
  {
    what: "a backend.tf left from before, that names its providers",
    directory: AWS,
    change: leftOver(
      "backend.tf",
      `terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n`,
    ),
    at: "init",
    says: /^Duplicate required providers configuration: A module may have only one required providers configuration/,
  },
  {
    what: "a provider.tf left from before",
    directory: AWS,
    change: leftOver("provider.tf", `provider "aws" {}\n`),
    at: "init",
    says:
      /^Duplicate provider configuration: A default \(non-aliased\) provider configuration for "aws" was already given/,
  },
  {
    what: "an ssm.tf left from before",
    directory: AWS,
    change: leftOver("ssm.tf", `resource "aws_ssm_parameter" "github_token" {}\n`),
    at: "init",
    says:
      /^Duplicate resource "aws_ssm_parameter" configuration: A aws_ssm_parameter resource named "github_token" was already/,
  },
  {
    what: "a variables.tf left from before",
    directory: CLOUDFLARE,
    change: leftOver("variables.tf", `variable "zone_id" {}\n`),
    at: "init",
    says: /^Duplicate variable declaration: A variable named "zone_id" was already declared/,
  },
  {
    what: "a constraint that no version of the provider meets",
    directory: AWS,
    change: json("backend.tf.json", ({ terraform }) => terraform.required_providers.aws.version = "~> 7.0"),
    at: "init",
    says: /no available releases match the given constraints ~> 7\.0/,
  },
];

for (const { what, directory, change, at = "validate", says } of FAULTS) {
  Deno.test(`Terraform refuses ${what}`, { ignore: core.ignore }, async () => {
    await using workspace = await workspaceOf(change(target(directory)), at === "init" ? undefined : directory);
    if (at === "init") {
      const outcome = await core.value.run(workspace, "init", "-input=false", "-no-color");
      assert.equal(outcome.code, 1);
      assert.match(errorsIn(outcome.stderr), new RegExp(says.source, "m"));
      return;
    }
    const found = await validated(workspace);
    if (at === "validate") {
      return assert.ok(found.some((row) => says.test(row)), `${says} is none of ${found.join("\n")}`);
    }
    assert.deepEqual(found, []);
    const outcome = await core.value.run(workspace, "plan", ...PLAN);
    assert.equal(outcome.code, 1, text(outcome));
    assert.match(errorsIn(outcome.stderr), new RegExp(says.source, "m"));
  });
}

/** What Terraform lets pass with a stand-in; `finds` is what our own check says of it. */
const MISSED = [
  {
    what: "a type of DNS record that Cloudflare has not",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.type = "CNAMES"),
    finds: /^cloudflare_record\.openclaw\.type: "CNAMES" is none of A, AAAA, /,
  },
  {
    what: "a decision that Access has not",
    directory: CLOUDFLARE,
    change: json(
      "access.tf.json",
      ({ resource }) => resource.cloudflare_access_policy.openclaw_policy.decision = "permit",
    ),
    finds:
      /^cloudflare_access_policy\.openclaw_policy\.decision: "permit" is none of allow, deny, non_identity, bypass$/,
  },
  {
    what: "a type of parameter that SSM has not",
    directory: AWS,
    change: json("ssm.tf.json", ({ resource }) => resource.aws_ssm_parameter.github_token.type = "Secure"),
    finds: /^aws_ssm_parameter\.github_token\.type: "Secure" is none of String, StringList, SecureString$/,
  },
] as const;

for (const { what, directory, change, finds } of MISSED) {
  Deno.test(`a stand-in lets ${what} pass, and the check by schema finds it`, { ignore: core.ignore }, async () => {
    const files = change(target(directory));
    await using workspace = await workspaceOf(files, directory);
    assert.deepEqual(await validated(workspace), []);
    assert.equal((await core.value.run(workspace, "plan", ...PLAN)).code, CHANGES);
    const faults = configFaults(jsonOf(files), core.value.providers);
    assert.equal(faults.length, 1);
    assert.match(faults.join(), finds);
  });
}

Deno.test("the stand-ins serve what was read from the bindings", { ignore: core.ignore }, async () => {
  await using workspace = await workspaceOf(target(CLOUDFLARE), CLOUDFLARE);
  const served = JSON.parse((await succeed(workspace, "providers", "schema", "-json")).stdout) as Json;
  for (const { address, schema } of core.value.providers) {
    const { provider_schemas: { [address]: shown } } = served;
    // Terraform adds description kinds, and leaves out what is empty: the names and flags are what counts.
    assert.deepEqual(Object.keys(shown.resource_schemas ?? {}), Object.keys(schema.resource_schemas));
    for (const [type, { block }] of Object.entries(schema.resource_schemas)) {
      for (const [name, attribute] of Object.entries(block.attributes)) {
        const { type: kind, required, optional, computed } = shown.resource_schemas[type].block.attributes[name];
        const { type: wanted, required: r, optional: o, computed: c } = attribute;
        assert.deepEqual([kind, required, optional, computed], [wanted, r, o, c], `${type}.${name}`);
      }
    }
  }
});

const LINT = [
  {
    rule: "terraform_unused_declarations",
    change: json(
      "variables.tf.json",
      ({ variable }) => variable.spare = { type: "string", description: "nobody reads it", default: "" },
    ),
  },
  {
    rule: "terraform_documented_variables",
    change: json("variables.tf.json", ({ variable }) => delete variable.aws_account_id.description),
  },
  {
    rule: "terraform_typed_variables",
    change: json("variables.tf.json", ({ variable }) => delete variable.aws_account_id.type),
  },
  {
    rule: "terraform_naming_convention",
    change: json("ssm.tf.json", ({ resource: { aws_ssm_parameter: parameters } }) => {
      parameters.gitHubToken = parameters.github_token;
      delete parameters.github_token;
    }),
  },
  {
    rule: "terraform_unused_required_providers",
    change: json(
      "backend.tf.json",
      ({ terraform }) => terraform.required_providers.tls = { source: "hashicorp/tls", version: "~> 4.0" },
    ),
  },
  {
    rule: "terraform_required_version",
    change: json("backend.tf.json", ({ terraform }) => delete terraform.required_version),
  },
  {
    rule: "terraform_required_providers",
    change: json("backend.tf.json", ({ terraform }) => delete terraform.required_providers.aws.version),
  },
] as const;

for (const { rule, change } of LINT) {
  Deno.test(`tflint with the generated configuration is red by ${rule}`, { ignore: tflint.ignore }, async () => {
    assert.deepEqual(await lint(change(target(AWS))), [rule]);
  });
}

/** Exit status of `plan -detailed-exitcode` when there is something to change. */
const CHANGES = 2;
const PLAN = ["-input=false", "-no-color", "-detailed-exitcode"];

/** A directory on disk, with the local backend in the place of S3, and an empty store; gone when the test ends. */
interface TemporaryWorkspace extends Workspace, AsyncDisposable {}

const initializedTargets = new Map<string, Promise<TemporaryWorkspace>>();

/** @param from a target whose finished init this one shares */
async function workspaceOf(files: Files, from?: string): Promise<TemporaryWorkspace> {
  const dir = await tempDir();
  for (const [name, text] of files) await dir.write(`work/${name}`, text);
  await dir.write("work/judge_override.tf.json", `{ "terraform": { "backend": { "local": {} } } }\n`);
  await Deno.mkdir(join(dir.path, "store"));
  const own = workspaceIn(dir);
  if (from === undefined) return own;
  const shared = initializedTargets.get(from) ?? workspaceOf(target(from)).then(initialized);
  initializedTargets.set(from, shared);
  const { path, data } = await shared;
  await Deno.copyFile(join(path, ".terraform.lock.hcl"), join(own.path, ".terraform.lock.hcl"));
  return { ...own, data };
}

function workspaceIn(dir: TempDir): TemporaryWorkspace {
  return {
    path: join(dir.path, "work"),
    store: join(dir.path, "store"),
    data: join(dir.path, "data"),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

Deno.test.afterAll(async () => {
  for (const workspace of await Promise.all(initializedTargets.values())) await workspace[Symbol.asyncDispose]();
});

async function initialized<T extends Workspace>(workspace: T): Promise<T> {
  await succeed(workspace, "init", "-input=false", "-no-color");
  return workspace;
}

/** What `validate` has to say, warnings too, each as "summary: detail". */
async function validated(workspace: Workspace): Promise<string[]> {
  const { stdout } = await core.value.run(workspace, "validate", "-json");
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { summary: string; detail: string }[] };
  return diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`);
}

async function unchanged(workspace: Workspace): Promise<void> {
  const plan = await core.value.run(workspace, "plan", ...PLAN);
  assert.equal(plan.code, 0, text(plan));
  assert.match(plan.stdout, /No changes\./);
}

async function succeed(...call: Parameters<Terraform["run"]>): Promise<Outcome> {
  const outcome = await core.value.run(...call);
  assert.equal(outcome.code, 0, text(outcome));
  return outcome;
}

/** Errors that Terraform writes in boxes, each on one line as "summary: detail". */
function errorsIn(stderr: string): string {
  return stderr.split("\nError: ").slice(1).map((error) => {
    const [summary = "", ...lines] = error.split("\n");
    const detail = lines.filter((line) => line !== "" && !/^ {2}(?:on| ?\d+:)/.test(line)).join(" ");
    return `${summary}: ${detail}`;
  }).join("\n");
}

/** The rules that tflint finds broken. */
async function lint(files: Files): Promise<string[]> {
  await using dir = await tempDir();
  for (const [name, text] of files) await dir.write(name, text);
  const outcome = await exec(tflint.value, ["--format=json"], { cwd: dir.path });
  const { issues, errors } = JSON.parse(outcome.stdout) as Json;
  assert.deepEqual(errors, [], text(outcome));
  assert.equal(outcome.code, issues.length === 0 ? 0 : 2);
  return issues.map((issue: Json) => issue.rule.name);
}

/** tfaction's own rule: a working directory is any with a tfaction.yaml. */
function directoriesOf(files: readonly OutputFile[]): string[] {
  return files.flatMap(({ path }) => path.endsWith("/tfaction.yaml") ? [path.slice(0, -"/tfaction.yaml".length)] : []);
}

function below(files: readonly OutputFile[], path: string): Files {
  return new Map(
    files.flatMap((file) => file.path.startsWith(`${path}/`) ? [[file.path.slice(path.length + 1), file.text]] : []),
  );
}

function sameFiles(some: Files, others: Files): boolean {
  return JSON.stringify([...some]) === JSON.stringify([...others]);
}

/** A directory of an empty pack.yaml, which the seeded faults know. */
function target(path: string): Files {
  const found = targets.findLast((row) => row.path === path);
  assert.ok(found, `${path} is not generated`);
  return found.files;
}

function jsonOf(files: Files): TerraformJson[] {
  return [...files].flatMap(([name, text]) => name.endsWith(".tf.json") ? [JSON.parse(text) as TerraformJson] : []);
}

/** Addresses of all managed resources, in order. */
function addresses(files: Files): string[] {
  const rows = jsonOf(files).flatMap(({ resource = {} }) => Object.entries(resource));
  return rows.flatMap(([type, named]) => Object.keys(named as object).map((name) => `${type}.${name}`)).toSorted();
}

function edited(files: Files, name: string, change: (file: Json) => unknown): Files {
  const file = JSON.parse(files.get(name) ?? assert.fail(`no ${name}`)) as Json;
  change(file);
  return new Map([...files, [name, JSON.stringify(file)]]);
}

function json(name: string, change: (file: Json) => unknown): (files: Files) => Files {
  return (files) => edited(files, name, change);
}

function record(change: (openclaw: Json) => unknown): (files: Files) => Files {
  return json("dns.tf.json", ({ resource }) => change(resource.cloudflare_record.openclaw));
}

function leftOver(name: string, text: string): (files: Files) => Files {
  return (files) => new Map([...files, [name, text]]);
}

function text({ stdout, stderr }: Outcome): string {
  return `${stderr}${stdout}`;
}
