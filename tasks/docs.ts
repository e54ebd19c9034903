/**
 * `deno task docs`: writes what is made from the schema and the tables: schema/pack.schema.json, docs/pack-yaml.md and the
 * picture in README.md.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { readPack } from "../mod.ts";
import { diagram } from "../src/reference/diagram.ts";
import { packJsonSchema } from "../src/reference/json_schema.ts";
import { packYamlPage } from "../src/reference/pack_yaml.ts";
import { buildModel } from "../src/model/model.ts";
import { jsonText } from "../src/output/text.ts";
import { run } from "./run.ts";

const USAGE = `Usage: deno task docs [--check]

Writes schema/pack.schema.json, docs/pack-yaml.md and the picture in README.md.

  --check  write nothing; exit with 1 when one of them differs`;

const PICTURE = /(<!-- diagram -->\n)[^]*?(<!-- \/diagram -->)/;

await run(USAGE, async (args) => {
  const { values } = parseArgs({ args, options: { check: { type: "boolean", default: false } } });
  const readme = await Deno.readTextFile("README.md");
  const schema = packJsonSchema();
  const picture = `\n\`\`\`mermaid\n${diagram(await buildModel(readPack("").config))}\`\`\`\n\n`;
  const files = {
    "schema/pack.schema.json": jsonText(schema),
    "docs/pack-yaml.md": packYamlPage(schema),
    "README.md": readme.replace(PICTURE, (_, begin: string, end: string) => `${begin}${picture}${end}`),
  };
  let differing = 0;
  for (const [path, text] of Object.entries(files)) {
    const before = await Deno.readTextFile(path).catch(() => undefined);
    if (before === text) continue;
    differing++;
    if (values.check) console.error(`${path}: is not as generated; run deno task docs`);
    else await Deno.writeTextFile(path, text);
  }
  if (!values.check) console.log(`${differing} files written`);
  return values.check && differing > 0 ? 1 : 0;
});
