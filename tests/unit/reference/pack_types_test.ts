import assert from "node:assert/strict";
import { packTypes } from "../../../src/reference/pack_types.ts";

Deno.test("a field with a default is always there once read, and optional where it is written", () => {
  const types = packTypes({
    required: ["name"],
    properties: {
      name: { type: "string", description: "A name." },
      size: { type: "integer", description: "A size.", default: 1 },
      mode: { enum: ["a", 4], description: "A mode." },
      rows: {
        type: "array",
        description: "Rows.",
        default: [],
        items: {
          required: ["on"],
          properties: {
            on: { type: "boolean", description: "Whether it is on." },
            labels: { description: "Labels.", additionalProperties: { type: "string" } },
          },
        },
      },
    },
  });
  const [, read, written] = types.split(/^export interface .*\n/m).map((text) =>
    text.replaceAll(/^ *\/\*\*.*\n/gm, "")
  );
  const row = `{
    on: boolean;
    labels?: Record<string, string> | undefined;
  }[]`;
  assert.equal(read, `  name: string;\n  size: number;\n  mode?: "a" | 4 | undefined;\n  rows: ${row};\n}\n\n`);
  assert.equal(
    written,
    `  name: string;\n  size?: number | undefined;\n  mode?: "a" | 4 | undefined;\n  rows?: ${row} | undefined;\n}\n`,
  );
});
