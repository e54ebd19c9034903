/**
 * Checks against the schemas that Terraform with a fake provider does not make: a value outside an enumeration, which only a
 * real provider knows, and an unknown key inside a nested object, which Terraform silently drops.
 *
 * @module
 */

import type { Attribute, Block, Provider, TerraformJson } from "./schemas.ts";

/** Enumerations that the bindings do not document. Each row names its source. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
  "aws_ssm_parameter.type": ["String", "StringList", "SecureString"],
  "aws_ssm_parameter.tier": ["Standard", "Advanced", "Intelligent-Tiering"],
};

/**
 * Returns every error in the resources and data sources of a directory, with its path.
 *
 * @param all providers; of several versions, the one with the directory's major version is used
 */
export function configFaults(files: readonly TerraformJson[], all: readonly Provider[]): string[] {
  const faults: string[] = [];
  const providers = demandedBy(files, all);
  for (const [kind, served] of [["resource", "resource_schemas"], ["data", "data_source_schemas"]] as const) {
    for (const [type, rows] of files.flatMap((file) => Object.entries(file[kind] ?? {}))) {
      const block = providers.map(({ schema }) => schema[served][type]?.block).find((found) => found !== undefined);
      if (block === undefined) throw new Error(`no schema for ${kind} ${type}`);
      for (const [name, value] of Object.entries(rows as Record<string, unknown>)) {
        inBlock(value, block, { at: `${type}.${name}`, key: type }, faults);
      }
    }
  }
  return faults;
}

function demandedBy(files: readonly TerraformJson[], all: readonly Provider[]): Provider[] {
  const demands = files.flatMap(({ terraform }) =>
    Object.values((terraform?.["required_providers"] ?? {}) as Record<string, { source: string; version: string }>)
  );
  return demands.map(({ source, version }) => {
    const [major] = version.match(/\d+/) ?? [];
    const found = all.find((row) => row.address.endsWith(`/${source}`) && row.version.split(".")[0] === major);
    if (found === undefined) throw new Error(`no schemas of ${source} ${version}`);
    return found;
  });
}

interface Place {
  /** Path for the reader, with the resource's name. */
  readonly at: string;
  /** Path of types: the key into {@linkcode VALUES}. */
  readonly key: string;
}

function inBlock(value: unknown, block: Block, place: Place, faults: string[]): void {
  for (const object of items(value)) {
    for (const [name, child] of Object.entries(object)) {
      const attribute = block.attributes[name];
      const nested = block.block_types[name];
      if (attribute !== undefined) inAttribute(child, attribute, below(place, name), faults);
      else if (nested !== undefined) inBlock(child, nested.block, below(place, name), faults);
      // Any other key in a block is a meta-argument, or Terraform refuses it.
    }
  }
}

function inAttribute(value: unknown, attribute: Attribute, place: Place, faults: string[]): void {
  if (attribute.nested_type !== undefined) {
    const { attributes, nesting_mode } = attribute.nested_type;
    const objects = nesting_mode === "map" ? items(value).flatMap(Object.values).flatMap(items) : items(value);
    for (const object of objects) {
      for (const [name, child] of Object.entries(object)) {
        const inside = attributes[name];
        if (inside === undefined) faults.push(`${place.at}.${name}: unknown key`);
        else inAttribute(child, inside, below(place, name), faults);
      }
    }
    return;
  }
  const allowed = VALUES[place.key] ?? documented(attribute.description ?? "");
  if (allowed === undefined) return;
  for (const literal of Array.isArray(value) ? value : [value]) {
    if (typeof literal !== "string" || literal.includes("${") || allowed.includes(literal)) continue;
    faults.push(`${place.at}: ${JSON.stringify(literal)} is none of ${allowed.join(", ")}`);
  }
}

/** Cloudflare's provider documents an enumeration as "Available values: ...", in backticks (4) or quotes (5). */
function documented(description: string): string[] | undefined {
  const [, list] = description.match(/Available values: ((?:[`"][^`]*?[`"](?:, )?)+)/) ?? [];
  if (list === undefined) return undefined;
  const values = [...list.matchAll(/`([^`]*)`|"([^"]*)"/g)].map(([, ticked, quoted]) => ticked ?? quoted ?? "");
  return values.map((value) => value === '""' ? "" : value);
}

function below({ at, key }: Place, name: string): Place {
  return { at: `${at}.${name}`, key: `${key}.${name}` };
}

/** Terraform JSON may write a list of one as an object. */
function items(value: unknown): Record<string, unknown>[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "object" && item !== null);
}
