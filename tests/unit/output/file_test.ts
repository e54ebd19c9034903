import assert from "node:assert/strict";
import { below, collect } from "../../../src/output/file.ts";

Deno.test("files are sorted by path, the same on every machine", () => {
  const files = ["b", "a/z", "a-b", "a", "B", "ä"].map((path) => ({ path, text: path }));
  assert.deepEqual(collect(files).map(({ path }) => path), ["B", "a", "a-b", "a/z", "b", "ä"]);
  assert.deepEqual(collect(files), collect(files.toReversed()));
});

Deno.test("two files with one path are an error that names the path", () => {
  const file = (path: string, text: string) => ({ path, text });
  assert.throws(() => collect([file("a", "1"), file("b", ""), file("a", "2")]), /two generators return a$/);
});

Deno.test("a folder is prepended to the path, and the text stays", () => {
  assert.deepEqual(below("x/y", [{ path: "a.txt", text: "t" }]), [{ path: "x/y/a.txt", text: "t" }]);
});
