/**
 * Fakes of the Terraform providers, which are only available from the registry: the program in `provider/`, once for each
 * provider, with the schemas of the pinned npm bindings. With them the real Terraform core checks structure, types, references
 * and the graph. They do not show how AWS, Cloudflare or random behave.
 *
 * @module
 */

import { join } from "node:path";
import { exec, installed, keyOf, onPath, type Outcome, runOrThrow } from "../tools.ts";
import { extract, type Provider, type Used } from "./schemas.ts";

/**
 * Packages of bindings by their names in the import map. There may be two versions of one provider: Terraform uses the one that
 * a directory's constraint allows.
 */
export const BINDINGS = [
  "@cdktf/provider-aws",
  "@cdktf/provider-cloudflare",
  "@cdktf/provider-cloudflare-v5",
  "@cdktf/provider-random",
] as const;

/** Providers that are pinned to another exact version than their bindings; they use the schemas of the bindings. */
const SERVED_AS: Readonly<Record<string, string>> = {
  // arch pins it (src/tables/pins.ts); the newest bindings are for 3.7.2.
  "registry.terraform.io/hashicorp/random": "3.8.1",
};

/** Terraform with a folder of fake providers as the only source of providers. */
export interface Terraform {
  /** The providers and their schemas. */
  readonly providers: readonly Provider[];
  /** Runs a command of Terraform in a directory; `store` is the folder that replaces the cloud. */
  run(directory: Workspace, ...args: readonly string[]): Promise<Outcome>;
}

/** A working directory with its folders. */
export interface Workspace {
  readonly path: string;
  /** Where the fake providers store objects: `<type>/<id>.json`. */
  readonly store: string;
  /** The data of init (TF_DATA_DIR), so that copies of an initialized directory can share it. */
  readonly data: string;
}

/** Builds the fake providers and installs them for Terraform. */
export async function terraform(used: Used): Promise<Terraform> {
  const program = await onPath("terraform");
  const standin = await build();
  const providers = await Promise.all(BINDINGS.map((name) => extract(name, used)));
  for (const [block, served] of [["resource", "resource_schemas"], ["data", "data_source_schemas"]] as const) {
    const missing = [...used[block]].filter((name) =>
      !providers.some(({ schema }) => Object.hasOwn(schema[served], name))
    );
    if (missing.length > 0) throw new Error(`no bindings have ${block} ${missing.join(", ")}`);
  }
  const mirror = await mirrorOf(standin, providers);
  const env = {
    PATH: Deno.env.get("PATH") ?? "",
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: join(mirror, "terraformrc"),
    TF_IN_AUTOMATION: "1",
  };
  return {
    providers,
    run: ({ path, store, data }, ...args) =>
      exec(program, args, {
        cwd: path,
        // Without the user's variables, because a TF_VAR_ or a TF_WORKSPACE would change the result.
        clearEnv: true,
        env: { ...env, TF_DATA_DIR: data, OPENCLAW_PACK_STANDIN_STORE: store },
      }),
  };
}

/** Returns the program of the fake providers, built once for each version of its source. */
async function build(): Promise<string> {
  const source = join(import.meta.dirname ?? "", "provider");
  const names = (await Array.fromAsync(Deno.readDir(source))).map(({ name }) => name).toSorted();
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(join(source, name))));
  const folder = await installed(`terraform-standin-${await keyOf([...names, ...texts])}`, async (folder) => {
    const go = await onPath("go");
    const args = [
      "build",
      "-mod=readonly",
      "-trimpath",
      "-buildvcs=false",
      "-ldflags=-s -w",
      "-o",
      join(folder, "standin"),
    ];
    await runOrThrow(go, [...args, "."], { cwd: source });
  });
  return join(folder, "standin");
}

/** A filesystem mirror in the unpacked layout: HOST/NAMESPACE/TYPE/VERSION/PLATFORM/terraform-provider-TYPE_vVERSION. */
async function mirrorOf(standin: string, providers: readonly Provider[]): Promise<string> {
  const rows = providers.map(({ address, version, schema }) => ({
    type: address.slice(address.lastIndexOf("/") + 1),
    version: SERVED_AS[address] ?? version,
    address,
    text: JSON.stringify({ format_version: "1.0", provider_schemas: { [address]: schema } }),
  }));
  const platform = `${Deno.build.os}_${Deno.build.arch === "x86_64" ? "amd64" : "arm64"}`;
  const name = `terraform-standin-mirror-${await keyOf([standin, JSON.stringify(rows)])}`;
  return await installed(name, async (folder) => {
    for (const { address, type, version, text } of rows) {
      const path = join(folder, "mirror", address, version, platform);
      await Deno.mkdir(path, { recursive: true });
      await Deno.writeTextFile(join(path, "schema.json"), text);
      await Deno.link(standin, join(path, `terraform-provider-${type}_v${version}`));
    }
    // Without "direct", a provider that is not in the mirror is an error, not a download. The path is that of the finished
    // folder.
    const mirror = JSON.stringify(join(folder.replace(/\.part$/, ""), "mirror"));
    await Deno.writeTextFile(
      join(folder, "terraformrc"),
      `provider_installation {\n  filesystem_mirror {\n    path = ${mirror}\n  }\n}\n`,
    );
  });
}
