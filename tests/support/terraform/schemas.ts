/**
 * Reads provider schemas from the npm bindings that the pack uses. cdktf's code generator created them from the providers' own
 * schemas, and their inline source maps still contain its TypeScript. Nothing is written manually, and code that this reader
 * does not recognise is an error, never a guess.
 *
 * The bindings do not contain, and so this reader does not return: sensitive, write-only, deprecated, defaults, what forces a
 * replacement, and limits of a block other than "at least one" and "at most one".
 *
 * `deno run -A tests/support/terraform/schemas.ts @cdktf/provider-aws terraform/aws/openclaw` prints what a directory uses.
 *
 * @module
 */

/** A type as Terraform writes it in JSON: `"string"`, `["list", "string"]`. */
export type Type = string | readonly [collection: string, of: Type];

/** An attribute, in the format of `terraform providers schema -json`. */
export interface Attribute {
  readonly type?: Type;
  readonly nested_type?: { readonly nesting_mode: Nesting; readonly attributes: Record<string, Attribute> };
  readonly description?: string;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
}

/** The nesting mode of a block or a nested object. */
export type Nesting = "single" | "list" | "set" | "map";

/** The content of a resource, a provider or a nested block. */
export interface Block {
  readonly attributes: Record<string, Attribute>;
  readonly block_types: Record<string, BlockType>;
}

/** A nested block. */
export interface BlockType {
  readonly nesting_mode: Nesting;
  readonly block: Block;
  readonly min_items?: 1;
  readonly max_items?: 1;
}

/** The schemas of one provider. */
export interface ProviderSchema {
  readonly provider: { readonly version: 0; readonly block: Block };
  readonly resource_schemas: Record<string, { readonly version: 0; readonly block: Block }>;
  readonly data_source_schemas: Record<string, { readonly version: 0; readonly block: Block }>;
}

/** A provider, as far as its bindings describe it. */
export interface Provider {
  /** Address such as `registry.terraform.io/hashicorp/aws`. */
  readonly address: string;
  /** Version of the provider from which the bindings were generated. */
  readonly version: string;
  readonly schema: ProviderSchema;
}

/** A directory's Terraform JSON, all files as one list. */
export type TerraformJson = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Names of the resources and data sources that directories use. */
export interface Used {
  readonly resource: ReadonlySet<string>;
  readonly data: ReadonlySet<string>;
}

/** Returns the names that directories use. */
export function usedBy(files: readonly TerraformJson[]): Used {
  const names = (block: string) => new Set(files.flatMap((file) => Object.keys(file[block] ?? {})));
  return { resource: names("resource"), data: names("data") };
}

/**
 * Reads the provider of one package of bindings, with the schemas of `used` that it contains.
 *
 * @param bindings name in the import map, such as `@cdktf/provider-aws`
 */
export async function extract(bindings: string, used: Used): Promise<Provider> {
  const module = `${bindings}/lib/provider/index.js`;
  // Only a loaded package resolves to its files in Deno's cache.
  await import(module);
  const root = new URL("../../", import.meta.resolve(module));
  const { cdktf } = JSON.parse(await Deno.readTextFile(new URL("package.json", root))) as {
    cdktf: { provider: { name: string; version: string } };
  };
  const { name: address, version } = cdktf.provider;
  const prefix = `${address.slice(address.lastIndexOf("/") + 1)}_`;
  const schemas = async (names: ReadonlySet<string>, folder: (name: string) => string) => {
    const own = [...names].filter((name) => name.startsWith(prefix)).toSorted();
    const rows = await Promise.all(own.map(async (name) => {
      const source = await sourceOf(new URL(`lib/${folder(name).replaceAll("_", "-")}/index.js`, root));
      return source === undefined ? [] : [[name, { version: 0, block: readBlock(source, name) }] as const];
    }));
    return Object.fromEntries(rows.flat());
  };
  const provider = await sourceOf(new URL("lib/provider/index.js", root));
  if (provider === undefined) throw new Error(`${bindings} has no provider`);
  return {
    address,
    version,
    schema: {
      provider: { version: 0, block: readBlock(provider, prefix.slice(0, -1)) },
      resource_schemas: await schemas(used.resource, (name) => name.slice(prefix.length)),
      data_source_schemas: await schemas(used.data, (name) => `data-${name}`),
    },
  };
}

/** Returns the TypeScript in a module's inline source map, or undefined if the module does not exist. */
async function sourceOf(module: URL): Promise<string | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(module);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const [, encoded] = text.match(/^\/\/# sourceMappingURL=data:application\/json;base64,(.+)$/m) ?? [];
  if (encoded === undefined) throw new Error(`${module.pathname} has no inline source map`);
  const map = JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(encoded))) as { sourcesContent: string[] };
  const [source] = map.sourcesContent;
  if (source === undefined) throw new Error(`${module.pathname}: its source map has no source`);
  return source;
}

/** Returns the top-level declarations of a module, such as `interface AccessPolicyInclude`, with their text. */
type Declarations = ReadonlyMap<string, string>;

function readBlock(source: string, type: string): Block {
  const declarations: Declarations = new Map(
    source.split(/^(?=export )/m).flatMap((text) => {
      const [, kind, name] = text.match(/^export (class|interface|function) (\w+)/) ?? [];
      return kind === undefined ? [] : [[`${kind} ${name}`, text]];
    }),
  );
  const main = [...declarations.values()].find((text) =>
    /^export class \w+ extends cdktf\.Terraform(?:Resource|DataSource|Provider) /.test(text)
  );
  const [, config] = main?.match(/^ {2}public constructor\(.*\bconfig: (\w+)/m) ?? [];
  if (main === undefined || config === undefined || !main.includes(`tfResourceType = "${type}"`)) {
    throw new Error(`${type}: no class in its module`);
  }
  return new Reader(declarations, type).block(config, main, main);
}

/** A row of `synthesizeHclAttributes`: an attribute that can be set, and how it is written. */
interface Setting {
  readonly value: string;
  readonly type: string;
  readonly storage: string;
}

const PRIMITIVES: Readonly<Record<string, Type>> = {
  string: "string",
  number: "number",
  boolean: "bool",
  any: "dynamic",
  stringList: "string",
  numberList: "number",
  booleanList: "bool",
  stringMap: ["map", "string"],
  numberMap: ["map", "number"],
  booleanMap: ["map", "bool"],
  // The bindings write an attribute of any type as a map of any.
  anyMap: "dynamic",
  stringListMap: ["map", ["list", "string"]],
};

/** Reads one module. */
class Reader {
  constructor(private readonly declarations: Declarations, private readonly type: string) {}

  /** Returns a block: its fields, split into attributes and nested blocks. */
  block(interfaceName: string, members: string | undefined, settings: string | undefined): Block {
    const attributes: Record<string, Attribute> = {};
    const blocks: Record<string, BlockType> = {};
    for (const field of this.fields(interfaceName, members, settings)) {
      const { name, setting, flags, struct, description } = field;
      if (setting === undefined || struct === undefined || !isBlock(setting, name, description)) {
        attributes[name] = this.attribute(field);
      } else {
        const single = setting.type === "struct";
        blocks[name] = {
          nesting_mode: single ? "single" : nesting(setting.type),
          block: this.block(...this.parts(struct)),
          ...flags.required && !single ? { min_items: 1 } : {},
          // cdktf writes a list of one block without a mapper over its items.
          ...single || setting.value.includes("listMapperHcl(") ? {} : { max_items: 1 },
        };
      }
    }
    return { attributes, block_types: blocks };
  }

  /** @param inComputed whether it is inside a computed object, at any depth */
  private attribute({ name, text, setting, flags: all, struct, description }: Field, inComputed = false): Attribute {
    const flags = inComputed ? withoutInherited(all) : all;
    const common = { ...flags, ...description === "" ? {} : { description } };
    if (struct !== undefined) {
      const computed = inComputed || all.computed === true;
      const fields = this.fields(...this.parts(struct));
      const attributes = Object.fromEntries(fields.map((field) => [field.name, this.attribute(field, computed)]));
      return { nested_type: { nesting_mode: nestingOf(setting, text), attributes }, ...common };
    }
    if (setting === undefined) return { type: this.computedType(name, text), ...common };
    const type = PRIMITIVES[setting.storage];
    if (type === undefined) throw this.error(name, `storage class ${setting.storage}`);
    const collection = setting.type === "list" || setting.type === "set";
    return { type: collection ? [setting.type, type] : type, ...common };
  }

  /** Returns the type of a computed attribute, from its getter. */
  private computedType(name: string, text: string): Type {
    if (text.includes("new cdktf.StringMap(")) return ["map", "string"];
    if (text.includes("new cdktf.BooleanMap(")) return ["map", "bool"];
    if (text.includes("new cdktf.NumberMap(")) return ["map", "number"];
    const [, set, getter] = text.match(/return (cdktf\.Fn\.tolist\()?this\.get(\w+)Attribute\('/) ?? [];
    const collection = set === undefined ? "list" : "set";
    const types: Readonly<Record<string, Type>> = {
      String: "string",
      Number: "number",
      Boolean: "bool",
      List: [collection, "string"],
      NumberList: [collection, "number"],
      StringMap: ["map", "string"],
      NumberMap: ["map", "number"],
      BooleanMap: ["map", "bool"],
      AnyMap: "dynamic",
    };
    const type = types[getter ?? ""];
    if (type === undefined) throw this.error(name, "no getter with its type");
    return type;
  }

  private fields(interfaceName: string, members: string | undefined, settings: string | undefined): Field[] {
    const documented = documentation(this.declarations.get(`interface ${interfaceName}`) ?? "");
    const set = settingsOf(settings ?? "");
    const rows = members === undefined ? rowsOfInterface(documented) : rowsOfClass(members);
    const unknown = Object.keys(set).filter((name) => !rows.some((row) => row.name === name));
    if (unknown.length > 0) throw this.error(unknown.join(), "can be set, but it is unknown whether it is required");
    return rows.map((row): Field => {
      const setting = set[row.name];
      if (setting === undefined && (row.flags.required || row.flags.optional)) {
        throw this.error(row.name, "can be set, but its type is unknown");
      }
      const [, mapper] = setting?.value.match(/(?<![.\w])(\w+)ToHclTerraform/) ?? [];
      const [, object] = row.text.match(/new (\w+?)(?:OutputReference|List|Map)\(this, "/) ?? [];
      const struct = mapper === undefined ? object : mapper.charAt(0).toUpperCase() + mapper.slice(1);
      return { ...row, setting, struct, description: documented.get(row.name)?.description ?? "" };
    });
  }

  /** Returns the three declarations of a nested object: its interface, its class, and how it is written. */
  private parts(struct: string): [string, string | undefined, string | undefined] {
    const found = this.declarations.has(`interface ${struct}`);
    if (!found) throw this.error(struct, "no interface");
    const mapper = `function ${struct.charAt(0).toLowerCase()}${struct.slice(1)}ToHclTerraform`;
    return [struct, this.declarations.get(`class ${struct}OutputReference`), this.declarations.get(mapper)];
  }

  private error(name: string, what: string): Error {
    return new Error(`${this.type}: ${name}: ${what} (this reader does not recognise the bindings' code)`);
  }
}

interface Flags {
  readonly required?: true;
  readonly optional?: true;
  readonly computed?: true;
}

interface Row {
  readonly name: string;
  readonly flags: Flags;
  /** The code below the comment with its name. */
  readonly text: string;
}

interface Field extends Row {
  readonly setting: Setting | undefined;
  /** The name of the nested object, if it is one. */
  readonly struct: string | undefined;
  readonly description: string;
}

/** Returns the members of a class, from comments such as `// name - computed: false, optional: true, required: false`. */
function rowsOfClass(text: string): Row[] {
  const [, ...parts] = text.split(/^ {2}\/\/ (\w+ - computed: \w+, optional: \w+, required: \w+)$/m);
  return parts.flatMap((head, index) => {
    const [, name = "", computed, optional, required] =
      head.match(/^(\w+) - computed: (\w+), optional: (\w+), required: (\w+)$/) ?? [];
    if (index % 2 === 1) return [];
    return [{
      name,
      flags: flags(required === "true", optional === "true", computed === "true"),
      text: parts[index + 1]!,
    }];
  });
}

/** An object inside a provider's own configuration has no class; its fields without a question mark are required. */
function rowsOfInterface(documented: ReadonlyMap<string, { optional: boolean }>): Row[] {
  return [...documented].map(([name, { optional }]) => ({ name, flags: flags(!optional, optional, false), text: "" }));
}

function flags(required: boolean, optional: boolean, computed: boolean): Flags {
  return {
    ...required ? { required } : {},
    ...optional ? { optional } : {},
    ...computed ? { computed } : {},
  };
}

/**
 * In the bindings everything inside a computed object is computed too, even required fields, which a schema cannot express. So
 * there only fields that cannot be set are treated as computed.
 */
function withoutInherited(
  { required = false, optional = false, computed = false }: Partial<Record<keyof Flags, boolean>>,
) {
  return flags(required, optional, computed && !required && !optional);
}

/** Returns the properties of an interface, by the Terraform name at the end of their link. */
function documentation(text: string): Map<string, { optional: boolean; description: string }> {
  const rows = text.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s+readonly \w+(\??):/g);
  return new Map([...rows].flatMap(([, comment = "", question]) => {
    const [, name] = comment.match(/\{@link \S+#(\w+) /) ?? [];
    const lines = comment.split("\n").map((line) => line.replace(/^\s*\*? ?/, ""));
    const end = lines.findIndex((line) => line.startsWith("Docs at Terraform Registry"));
    const description = lines.slice(0, end).join("\n").trim();
    return name === undefined ? [] : [[name, { optional: question === "?", description }] as const];
  }));
}

function settingsOf(text: string): Record<string, Setting> {
  const rows = text.matchAll(
    /(\w+): \{\s+value: (.+),\s+isBlock: (?:true|false),\s+type: "(\w+)",\s+storageClassType: "(\w+)",\s+\}/g,
  );
  return Object.fromEntries(
    [...rows].map(([, name = "", value = "", type = "", storage = ""]) => [name, { value, type, storage }]),
  );
}

/** In the bindings `isBlock` is true for every nested object; only the description identifies a real block. */
function isBlock({ value }: Setting, name: string, description: string): boolean {
  return description === `${name} block` || /listMapperHcl\(\w+, true\)/.test(value);
}

function nesting(type: string): Nesting {
  if (type === "list" || type === "set" || type === "map") return type;
  throw new Error(`nesting ${type}`);
}

function nestingOf(setting: Setting | undefined, text: string): Nesting {
  if (setting !== undefined) return setting.type === "struct" ? "single" : nesting(setting.type);
  if (/new \w+OutputReference\(this, "\w+"\)/.test(text)) return "single";
  const [, kind, set] = text.match(/new \w+(List|Map)\(this, "\w+", (true|false)\)/) ?? [];
  if (kind === "Map") return "map";
  if (kind === undefined) throw new Error(`no nesting in ${text}`);
  return set === "true" ? "set" : "list";
}

if (import.meta.main) {
  const [bindings = "", ...directories] = Deno.args;
  const files: TerraformJson[] = [];
  for (const directory of directories) {
    for await (const { name } of Deno.readDir(directory)) {
      if (name.endsWith(".tf.json")) files.push(JSON.parse(await Deno.readTextFile(`${directory}/${name}`)));
    }
  }
  const { address, schema } = await extract(bindings, usedBy(files));
  console.log(JSON.stringify({ format_version: "1.0", provider_schemas: { [address]: schema } }, null, 2));
}
