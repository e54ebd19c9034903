/**
 * Runs the real Terraform core and tflint on both generated directories.
 *
 * The providers are fakes (see standin.ts) with the schemas of the pinned npm bindings, because the real ones are only
 * available from the registry. So the tests show that Terraform accepts the structure, types, references and graph, that a
 * second plan is empty, and that a manually set value survives. They do not show how AWS or Cloudflare behave.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type { PackInput } from "openclaw-pack";
import { AQUA } from "../../src/tables/pins.ts";
import { packInput } from "../support/arbitraries.ts";
import { exec, installed, onPath, type Outcome, runOrThrow, tool } from "../support/tools.ts";
import { filesOf, type Json } from "../support/support.ts";
import { tempDir } from "../support/temp_dir.ts";
import { configFaults } from "../support/terraform/config_check.ts";
import {
  addresses,
  AWS,
  below,
  CLOUDFLARE,
  CLOUDFLARE_5,
  directoriesOf,
  type Files,
  jsonOf,
  NARROWED_4,
  NARROWED_5,
  target,
  targets,
} from "../support/terraform/directories.ts";
import { REPLACED_HCL } from "../support/terraform/replaced_hcl.ts";
import { edited, FAULTS, LINT, MISSED } from "../support/terraform/faults.ts";
import { usedBy } from "../support/terraform/schemas.ts";
import { type Terraform, terraform, type Workspace } from "../support/terraform/standin.ts";
import {
  CHANGES,
  newWorkspace,
  PLAN,
  planOf,
  replaceFiles,
  succeedWith,
  type TemporaryWorkspace,
  text,
} from "../support/terraform/workspace.ts";

const core = await tool("Terraform with fake providers", async () => {
  const used = usedBy(targets.flatMap(({ files }) => jsonOf(files)));
  return await terraform(used);
});

const tflint = await tool("tflint", async () => {
  const version = AQUA.tflint;
  const folder = await installed(`tflint-${version}`, async (folder) => {
    const go = await onPath("go");
    const module = `github.com/terraform-linters/tflint@${version}`;
    await runOrThrow(go, ["install", module], { env: { GOBIN: folder, GOFLAGS: "-trimpath" } });
  });
  return join(folder, "tflint");
});

for (const { name, files } of targets) {
  Deno.test({
    name: `Terraform accepts ${name}, and its second plan is empty`,
    ignore: core.ignore,
    fn: async () => {
      await using workspace = await workspaceOf(files);
      await initialized(workspace);
      assert.deepEqual(await validated(workspace), []);

      const { resource_changes } = await planOf(core.value, workspace);
      const planned = resource_changes.filter(({ mode }: Json) => mode === "managed").map((change: Json) =>
        `${change.change.actions.join()} ${change.address}`
      );
      assert.deepEqual(planned.toSorted(), addresses(files).map((address) => `create ${address}`));

      const applied = await succeed(workspace, "apply", "-input=false", "-no-color", "plan");
      assert.match(applied.stdout, new RegExp(`Apply complete! Resources: ${planned.length} added, 0 changed`));
      await unchanged(workspace);
      await succeed(workspace, "destroy", "-input=false", "-no-color", "-auto-approve");
    },
  });

  Deno.test(`the schemas of the bindings accept every key and value of ${name}`, { ignore: core.ignore }, () => {
    assert.deepEqual(configFaults(jsonOf(files), core.value.providers), []);
  });

  Deno.test(`tflint with the generated configuration finds nothing in ${name}`, { ignore: tflint.ignore }, async () => {
    assert.deepEqual(await lint(files), []);
  });
}

Deno.test(
  "Terraform and the schemas accept the directories of any valid configuration",
  { ignore: core.ignore },
  () =>
    fc.assert(
      fc.asyncProperty(packInput, fc.constantFrom(4 as const, 5 as const), async (input, provider) => {
        const pack: PackInput = { ...input, cloudflare: { ...input.cloudflare, provider } };
        const files = await filesOf(pack);
        for (const path of directoriesOf(files)) {
          const directory = below(files, path);
          const like = path.startsWith("terraform/aws/") ? AWS : provider === 4 ? CLOUDFLARE : CLOUDFLARE_5;
          await using workspace = await workspaceOf(directory, like);
          assert.deepEqual(await validated(workspace), []);
          assert.deepEqual(configFaults(jsonOf(directory), core.value.providers), []);
        }
      }),
      { numRuns: 8 },
    ),
);

Deno.test("references resolve to the intended values", { ignore: core.ignore }, async () => {
  await using workspace = await workspaceOf(target(CLOUDFLARE));
  await initialized(workspace);
  await apply(workspace);
  const at = await stateOf(workspace);

  const tunnel = at("cloudflare_tunnel.openclaw_tunnel");
  assert.equal(tunnel.secret, await base64sha256(at("random_password.tunnel_secret").result));
  assert.equal(at("cloudflare_record.openclaw").content, tunnel.cname);
  assert.equal(at("aws_ssm_parameter.openclaw_tunnel_token").value, tunnel.tunnel_token);
  const config = at("cloudflare_tunnel_config.openclaw_tunnel");
  assert.equal(config.tunnel_id, tunnel.id);
  assert.equal(config.config[0].ingress_rule[0].hostname, at("cloudflare_record.openclaw").hostname);
  const policy = at("cloudflare_access_policy.openclaw_policy");
  assert.equal(policy.application_id, at("cloudflare_access_application.openclaw").id);
  assert.deepEqual(policy.include[0].login_method, [at("data.cloudflare_access_identity_provider.github").id]);
});

Deno.test("references resolve to the intended values, with version 5", { ignore: core.ignore }, async () => {
  await using workspace = await workspaceOf(target(CLOUDFLARE_5));
  await initialized(workspace);
  await apply(workspace);
  const at = await stateOf(workspace);

  const tunnel = at("cloudflare_zero_trust_tunnel_cloudflared.openclaw_tunnel");
  assert.equal(tunnel.tunnel_secret, await base64sha256(at("random_password.tunnel_secret").result));
  assert.equal(at("cloudflare_dns_record.openclaw").content, `${tunnel.id}.cfargotunnel.com`);
  const token = at("data.cloudflare_zero_trust_tunnel_cloudflared_token.openclaw_tunnel");
  assert.equal(token.tunnel_id, tunnel.id);
  assert.equal(at("aws_ssm_parameter.openclaw_tunnel_token").value, token.token);
  const config = at("cloudflare_zero_trust_tunnel_cloudflared_config.openclaw_tunnel");
  assert.equal(config.tunnel_id, tunnel.id);
  const policy = at("cloudflare_zero_trust_access_policy.openclaw_policy");
  assert.equal(policy.include[0].login_method.id, "id-of-github");
  assert.equal(at("cloudflare_zero_trust_access_application.openclaw").policies[0].id, policy.id);
});

/**
 * Resources of version 4 that version 5 cannot take over; they must be removed from the state before Terraform uses version 5.
 */
const FORGOTTEN = "cloudflare_access_policy.openclaw_policy";

for (const [four, five, moves] of [[CLOUDFLARE, CLOUDFLARE_5, 4], [NARROWED_4, NARROWED_5, 6]] as const) {
  Deno.test(`${four} migrates to version 5 without destroying objects, if the provider supports the moves`, {
    ignore: core.ignore,
  }, async () => {
    await using workspace = await workspaceOf(target(four));
    await initialized(workspace);
    await apply(workspace);
    const before = await stateOf(workspace);

    const forgotten = addresses(target(four)).filter((address) => address.startsWith("cloudflare_access_policy."));
    assert.deepEqual(forgottenBy(target(five)), forgotten);
    await succeed(workspace, "state", "rm", ...forgotten);
    await replaceFiles(workspace, target(five));
    await succeed(workspace, "init", "-input=false", "-no-color", "-upgrade");
    const actions = await plannedActions(workspace);
    assert.deepEqual(
      actions.filter(({ action }) => action !== "update" && action !== "no-op"),
      forgotten.map((address) => ({
        address: address.replace("_access", "_zero_trust_access"),
        action: "create",
        from: undefined,
        changed: [],
      })),
    );
    await apply(workspace);

    const after = await stateOf(workspace);
    const moved = actions.flatMap(({ address, from }) => from === undefined ? [] : [[from, address] as const]);
    assert.equal(moved.length, moves);
    for (const [from, to] of [...moved, ["random_password.tunnel_secret", "random_password.tunnel_secret"] as const]) {
      assert.equal(after(to).id, before(from).id, `${from} to ${to}`);
    }
    await unchanged(workspace);
  });
}

/** Returns the addresses that the migration of a directory removes from the state. */
function forgottenBy(files: Files): string[] {
  const [migration = ""] = [...files].flatMap(([name, text]) => name.startsWith("tfmigrate/") ? [text] : []);
  return [...migration.matchAll(/"rm ([^"]*)"/g)].flatMap(([, address]) => address ?? []).toSorted();
}

interface PlannedAction {
  readonly address: string;
  readonly action: string;
  /** The address before a move. */
  readonly from: string | undefined;
  /** Arguments that an update changes. */
  readonly changed: readonly string[];
}

/** Returns the planned action for each resource. */
async function plannedActions(workspace: Workspace): Promise<PlannedAction[]> {
  const { resource_changes } = await planOf(core.value, workspace);
  return resource_changes.filter(({ mode }: Json) => mode === "managed").map((
    { address, previous_address, change: { actions, before, after } }: Json,
  ): PlannedAction => ({
    address,
    action: actions.join(),
    from: previous_address,
    changed: before === null || after === null
      ? []
      : Object.keys(after).filter((name) => !isDeepStrictEqual(before[name], after[name])).toSorted(),
  }));
}

Deno.test("with the state of the HCL that it replaces, the plan only hardens the Access application", {
  ignore: core.ignore,
}, async () => {
  await using workspace = await workspaceOf(REPLACED_HCL, CLOUDFLARE);
  await apply(workspace);
  await unchanged(workspace);

  await Deno.remove(join(workspace.path, "main.tf"));
  await replaceFiles(workspace, target(CLOUDFLARE));
  assert.deepEqual((await plannedActions(workspace)).filter(({ action }) => action !== "no-op"), [{
    address: "cloudflare_access_application.openclaw",
    action: "update",
    from: undefined,
    changed: [
      "allowed_idps",
      "app_launcher_visible",
      "auto_redirect_to_identity",
      "http_only_cookie_attribute",
      "same_site_cookie_attribute",
    ],
  }]);
  // Control: with another name the tunnel would be created again.
  const renamed = edited(target(CLOUDFLARE), "tunnel.tf.json", ({ resource }) => {
    resource.cloudflare_tunnel = { renamed: resource.cloudflare_tunnel.openclaw_tunnel };
  });
  const all = [...renamed].map(([name, text]) =>
    [name, text.replaceAll("cloudflare_tunnel.openclaw_tunnel.", "cloudflare_tunnel.renamed.")] as const
  );
  await replaceFiles(workspace, new Map(all));
  const destroyed = (await plannedActions(workspace)).filter(({ action }) => action === "delete");
  assert.deepEqual(destroyed.map(({ address }) => address), ["cloudflare_tunnel.openclaw_tunnel"]);
});

for (const name of [CLOUDFLARE, NARROWED_4, NARROWED_5]) {
  Deno.test(`the plan's text shows no secret of ${name}, and would without the sensitive marks`, {
    ignore: core.ignore,
  }, async () => {
    const plain = new Map([...target(name)].map(([file, text]) => {
      return [file, text.replace(/sensitive\(((?:[^()]|\([^()]*\))*)\)/g, "$1").replace(/,\s*"sensitive": true/, "")];
    }));
    for (const [files, shown] of [[target(name), false], [plain, true]] as const) {
      await using workspace = await workspaceOf(files, name);
      await apply(workspace);
      const secrets = await secretsIn(workspace);
      const { stdout } = await succeed(workspace, "plan", "-input=false", "-no-color", "-destroy");
      // The fake provider does not mark its computed values; our directories mark arguments and outputs.
      const lines = stdout.split("\n").filter((line) =>
        /^\s*- (?:secret|tunnel_secret|value|health_\w+) +=/.test(line)
      );
      assert.ok(lines.length >= 2, stdout);
      const found = secrets.filter((secret) => lines.some((line) => line.includes(secret)));
      assert.equal(found.length > 0, shown, found.join());
    }
  });
}

/** Returns every secret value in a state. */
async function secretsIn(workspace: Workspace): Promise<string[]> {
  const { values } = JSON.parse((await succeed(workspace, "show", "-json")).stdout) as Json;
  const names = ["secret", "tunnel_secret", "tunnel_token", "token", "client_secret"];
  return values.root_module.resources.flatMap((row: Json) => names.flatMap((name) => row.values[name] ?? []));
}

Deno.test("a state with a type that version 5 lacks stops Terraform, with or without a removed block", {
  ignore: core.ignore,
}, async () => {
  await using workspace = await workspaceOf(target(CLOUDFLARE));
  await initialized(workspace);
  await apply(workspace);
  const removed = { removed: [{ from: FORGOTTEN, lifecycle: { destroy: false } }] };
  const files = target(CLOUDFLARE_5);
  for (const block of [removed, {}]) {
    await replaceFiles(
      workspace,
      edited(files, "moved.tf.json", (file) => {
        delete file.removed;
        Object.assign(file, block);
      }),
    );
    await succeed(workspace, "init", "-input=false", "-no-color", "-upgrade");
    assert.deepEqual(await planErrors(workspace), [noSchema(FORGOTTEN)]);
  }
});

Deno.test(
  "control: without the moves, the migration would leave the objects behind",
  { ignore: core.ignore },
  async () => {
    await using workspace = await workspaceOf(target(CLOUDFLARE));
    await initialized(workspace);
    await apply(workspace);
    await succeed(workspace, "state", "rm", FORGOTTEN);
    await replaceFiles(workspace, new Map([...target(CLOUDFLARE_5)].filter(([name]) => name !== "moved.tf.json")));
    await succeed(workspace, "init", "-input=false", "-no-color", "-upgrade");
    assert.deepEqual(
      (await planErrors(workspace)).toSorted(),
      addresses(target(CLOUDFLARE)).filter((address) => address.startsWith("cloudflare_") && address !== FORGOTTEN)
        .map(noSchema),
    );
  },
);

/** Returns Terraform's message for an object in the state whose type the provider lacks. */
function noSchema(address: string): string {
  return `no schema available for ${address} while reading state; this is a bug in Terraform and should be reported: `;
}

Deno.test("a manually set value survives an apply, but not without ignore_changes", {
  ignore: core.ignore,
}, async () => {
  const MANUAL_VALUE = "set manually";
  for (const ignored of [true, false]) {
    const files = ignored ? target(AWS) : edited(target(AWS), "ssm.tf.json", ({ resource }) => {
      for (const parameter of Object.values(resource.aws_ssm_parameter) as Json[]) delete parameter.lifecycle;
    });
    await using workspace = await workspaceOf(files);
    await initialized(workspace);
    await apply(workspace);
    const folder = join(workspace.store, "aws_ssm_parameter");
    const objects = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => join(folder, name));
    assert.equal(objects.length, addresses(files).length);
    const stored = () => Promise.all(objects.map(async (path) => JSON.parse(await Deno.readTextFile(path)) as Json));
    const [first] = await stored();
    for (const path of objects) {
      const object = JSON.parse(await Deno.readTextFile(path)) as Json;
      assert.equal(object.value, first.value);
      await Deno.writeTextFile(path, JSON.stringify({ ...object, value: MANUAL_VALUE }));
    }

    if (ignored) await unchanged(workspace);
    else assert.equal((await core.value.run(workspace, "plan", ...PLAN)).code, CHANGES);
    await apply(workspace);
    const values = new Set((await stored()).map(({ value }) => value));
    assert.deepEqual([...values], [ignored ? MANUAL_VALUE : first.value]);
  }
});

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
    assert.equal(found.length, at === "validate" ? 1 : 0, found.join("\n"));
    if (at === "validate") return assert.match(found.join(), says);
    const errors = await planErrors(workspace);
    assert.equal(errors.length, 1, errors.join("\n"));
    assert.match(errors.join(), says);
  });
}

for (const { what, directory, change, finds } of MISSED) {
  Deno.test(`a fake provider accepts ${what}, and the schema check finds it`, { ignore: core.ignore }, async () => {
    const files = change(target(directory));
    await using workspace = await workspaceOf(files, directory);
    assert.deepEqual(await validated(workspace), []);
    assert.equal((await core.value.run(workspace, "plan", ...PLAN)).code, CHANGES);
    const faults = configFaults(jsonOf(files), core.value.providers);
    assert.equal(faults.length, 1);
    assert.match(faults.join(), finds);
  });
}

Deno.test(
  "Terraform reads the same schemas from the fake providers as from the bindings",
  { ignore: core.ignore },
  async () => {
    for (const directory of [AWS, CLOUDFLARE, CLOUDFLARE_5]) {
      await using workspace = await workspaceOf(target(directory), directory);
      const { stdout } = await succeed(workspace, "providers", "schema", "-json");
      const shown = JSON.parse(stdout).provider_schemas as Json;
      for (const address of Object.keys(shown)) {
        const served = core.value.providers.filter((provider) => provider.address === address).map(({ schema }) =>
          JSON.parse(JSON.stringify(schema))
        );
        const plain = withoutDescriptions(shown[address]);
        assert.ok(
          served.some((schema) => isDeepStrictEqual(withoutDescriptions(schema), plain)),
          `${address}: ${directory}`,
        );
      }
    }
  },
);

for (const { rule, change } of LINT) {
  Deno.test(`tflint with the generated configuration reports ${rule}`, { ignore: tflint.ignore }, async () => {
    assert.deepEqual(await lint(change(target(AWS))), [rule]);
  });
}

/** Terraform adds the kind of each description and omits empty values. */
function withoutDescriptions(value: Json): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const rows = Object.entries(value).filter(([key]) => !/^(?:description|description_kind)$/.test(key))
    .map(([key, child]) => [key, withoutDescriptions(child)] as const);
  return Object.fromEntries(rows.filter(([, child]) => !isDeepStrictEqual(child, {})));
}

const initializedTargets = new Map<string, Promise<TemporaryWorkspace>>();

/** @param from a target whose completed init this one shares */
async function workspaceOf(files: Files, from?: string): Promise<TemporaryWorkspace> {
  const own = await newWorkspace(files);
  if (from === undefined) return own;
  const shared = initializedTargets.get(from) ?? workspaceOf(target(from)).then(initialized);
  initializedTargets.set(from, shared);
  const { path, data } = await shared;
  await Deno.copyFile(join(path, ".terraform.lock.hcl"), join(own.path, ".terraform.lock.hcl"));
  return { ...own, data };
}

Deno.test.afterAll(async () => {
  for (const workspace of await Promise.all(initializedTargets.values())) await workspace[Symbol.asyncDispose]();
});

async function initialized<T extends Workspace>(workspace: T): Promise<T> {
  await succeed(workspace, "init", "-input=false", "-no-color");
  return workspace;
}

/** Returns the diagnostics of `validate`, including warnings, each as "summary: detail". */
async function validated(workspace: Workspace): Promise<string[]> {
  const { stdout } = await core.value.run(workspace, "validate", "-json");
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { summary: string; detail: string }[] };
  return diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`);
}

async function apply(workspace: Workspace): Promise<void> {
  await succeed(workspace, "apply", "-input=false", "-no-color", "-auto-approve");
}

/** Returns the values of the state, by address. */
async function stateOf(workspace: Workspace): Promise<(address: string) => Json> {
  const { values } = JSON.parse((await succeed(workspace, "show", "-json")).stdout) as Json;
  return (address) =>
    values.root_module.resources.find((row: Json) => row.address === address)?.values ??
      assert.fail(`${address} is not in the state`);
}

/** Implements Terraform's function of the same name. */
async function base64sha256(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toBase64();
}

async function unchanged(workspace: Workspace): Promise<void> {
  const plan = await core.value.run(workspace, "plan", ...PLAN);
  assert.equal(plan.code, 0, text(plan));
  assert.match(plan.stdout, /No changes\./);
}

async function succeed(...call: Parameters<Terraform["run"]>): Promise<Outcome> {
  return await succeedWith(core.value, ...call);
}

/** Returns the errors of a plan that must fail, each as "summary: detail". */
async function planErrors(workspace: Workspace): Promise<string[]> {
  const outcome = await core.value.run(workspace, "plan", "-input=false", "-json");
  assert.equal(outcome.code, 1, text(outcome));
  const messages = outcome.stdout.trim().split("\n").map((line) => JSON.parse(line) as Json);
  return messages.filter((message) => message.type === "diagnostic" && message["@level"] === "error")
    .map(({ diagnostic }) => `${diagnostic.summary}: ${diagnostic.detail}`);
}

/** Returns the errors that init prints, each on one line as "summary: detail". */
function errorsIn(stderr: string): string {
  return stderr.split("\nError: ").slice(1).map((error) => {
    const [summary = "", ...lines] = error.split("\n");
    const detail = lines.filter((line) => line !== "" && !/^ {2}(?:on| ?\d+:)/.test(line)).join(" ");
    return `${summary}: ${detail}`;
  }).join("\n");
}

/** Returns the rules that tflint reports. */
async function lint(files: Files): Promise<string[]> {
  await using dir = await tempDir();
  for (const [name, text] of files) await dir.write(name, text);
  // Without the user's TFLINT_ variables and plugins.
  const outcome = await exec(tflint.value, ["--format=json"], {
    cwd: dir.path,
    clearEnv: true,
    env: { HOME: dir.path },
  });
  const { issues, errors } = JSON.parse(outcome.stdout) as Json;
  assert.deepEqual(errors, [], text(outcome));
  assert.equal(outcome.code, issues.length === 0 ? 0 : 2);
  return issues.map((issue: Json) => issue.rule.name);
}
