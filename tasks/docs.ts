/**
 * `deno task docs`: writes what is generated from the schema and the tables: schema/pack.schema.json, schema/pack.ts,
 * docs/configuration.md and the diagram in README.md and README.ja.md.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { readPack } from "../src/config/read.ts";
import { diagram } from "../src/reference/diagram.ts";
import { packJsonSchema } from "../src/reference/json_schema.ts";
import { packTypes } from "../src/reference/pack_types.ts";
import { packYamlPage } from "../src/reference/pack_yaml.ts";
import { buildModel } from "../src/model/model.ts";
import { jsonText } from "../src/output/text.ts";
import { run } from "./run.ts";

const USAGE = `Usage: deno task docs [--check]

Writes schema/pack.schema.json, schema/pack.ts, docs/configuration.md and the diagram in README.md and README.ja.md.

  --check  write nothing; exit with 1 if one of them differs`;

const DIAGRAM = /(<!-- diagram -->\n)[^]*?(<!-- \/diagram -->)/;

await run(USAGE, async (args) => {
  const { values } = parseArgs({ args, options: { check: { type: "boolean", default: false } } });
  const schema = packJsonSchema();
  const block = `\n\`\`\`mermaid\n${diagram(await buildModel(readPack("").config))}\`\`\`\n\n`;
  const files = {
    "schema/pack.schema.json": jsonText(schema),
    "schema/pack.ts": packTypes(schema),
    "docs/configuration.md": packYamlPage(schema),
    "README.md": await withDiagram("README.md", block),
    "README.ja.md": await withDiagram("README.ja.md", block),
  };
  let differing = 0;
  for (const [path, text] of Object.entries(files)) {
    const before = await Deno.readTextFile(path).catch(() => undefined);
    if (before === text) continue;
    differing++;
    if (values.check) console.error(`${path}: differs from what is generated; run deno task docs`);
    else await Deno.writeTextFile(path, text);
  }
  if (!values.check) console.log(`${differing} files written`);
  return values.check && differing > 0 ? 1 : 0;
});

/** Returns the text of a page with the current diagram. */
async function withDiagram(path: string, block: string): Promise<string> {
  const page = await Deno.readTextFile(path);
  return page.replace(DIAGRAM, (_, begin: string, end: string) => `${begin}${block}${end}`);
}
