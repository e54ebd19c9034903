import assert from "node:assert/strict";
import { formatPackError, type PackError, PackErrors } from "openclaw-pack";
import { type ConfigPath, formatPath } from "../../../src/config/errors.ts";

const position = { line: 2, column: 5 };

Deno.test("a path is formatted as in code", () => {
  const cases: [ConfigPath, string][] = [
    [[], ""],
    [["hostname"], "hostname"],
    [["aws", "region"], "aws.region"],
    [["models", 0, "id"], "models[0].id"],
    [["secrets", 1, "env", 2], "secrets[1].env[2]"],
  ];
  for (const [path, text] of cases) assert.equal(formatPath(path), text);
});

Deno.test("an error without a path applies to the file, and one without a suggestion has no suggestion", () => {
  assert.equal(formatPackError("a.yaml", { path: [], message: "is odd", position }), "a.yaml:2:5: is odd");
});

Deno.test("the message has one line for each error, in order", () => {
  const errors: PackError[] = [
    { path: ["zone"], message: "first", position },
    { path: ["aws"], message: "second", suggestion: "x", position: { line: 9, column: 1 } },
  ];
  const error = new PackErrors("p.yaml", errors);
  assert.equal(error.message, 'p.yaml:2:5: zone: first\np.yaml:9:1: aws: second (write "x")');
  assert.equal(error.name, "PackErrors");
});
