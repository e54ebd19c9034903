/**
 * The stand-in for the Terraform providers that can't be had without the registry: the program in `provider/`, once for each
 * provider, with the schemas of the pinned npm bindings. It lets the real Terraform core judge structure, types, references and
 * the graph; it is not AWS, Cloudflare or random, and says nothing of how they behave.
 *
 * @module
 */

import { join } from "node:path";
import { exec, installed, keyOf, must, onPath, type Outcome } from "../tools.ts";
import { extract, type Provider, type Used } from "./schemas.ts";

/**
 * Packages of bindings by their names in the import map. Two versions of one provider may stand side by side: Terraform takes
 * the one that a directory's constraint admits.
 */
export const BINDINGS = [
  "@cdktf/provider-aws",
  "@cdktf/provider-cloudflare",
  "@cdktf/provider-cloudflare-v5",
  "@cdktf/provider-random",
] as const;

/** Providers pinned to another exact version than the bindings were made from; served with the schemas of the bindings. */
const SERVED_AS: Readonly<Record<string, string>> = {
  // arch pins it (src/tables/pins.ts); the newest bindings are of 3.7.2.
  "registry.terraform.io/hashicorp/random": "3.8.1",
};

/** Terraform with a folder of stand-ins as the only place that providers come from. */
export interface Terraform {
  /** What the stand-ins serve. */
  readonly providers: readonly Provider[];
  /** Runs a command of Terraform in a directory; `store` is the folder that takes the place of the cloud. */
  run(directory: Workspace, ...args: readonly string[]): Promise<Outcome>;
}

/** A working directory with all that belongs to it. */
export interface Workspace {
  readonly path: string;
  /** Where the stand-ins keep objects: `<type>/<id>.json`. */
  readonly store: string;
  /** What init leaves (TF_DATA_DIR), so that copies of an initialized directory can share it. */
  readonly data: string;
}

/** Builds the stand-ins, and puts them where Terraform looks. */
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
        // Nothing of the user's own: a TF_VAR_ or a TF_WORKSPACE would change what is judged.
        clearEnv: true,
        env: { ...env, TF_DATA_DIR: data, OPENCLAW_PACK_STANDIN_STORE: store },
      }),
  };
}

/** The stand-in's program, built once for each version of its source. */
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
    await must(go, [...args, "."], { cwd: source });
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
    // No "direct": a provider that is not in the mirror is an error, not a download. The path is that of the finished folder.
    const mirror = JSON.stringify(join(folder.replace(/\.part$/, ""), "mirror"));
    await Deno.writeTextFile(
      join(folder, "terraformrc"),
      `provider_installation {\n  filesystem_mirror {\n    path = ${mirror}\n  }\n}\n`,
    );
  });
}
