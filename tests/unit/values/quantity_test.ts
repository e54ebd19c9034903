import assert from "node:assert/strict";
import { toBytes, toMebibytes, toMillicores } from "../../../src/values/quantity.ts";

Deno.test("bytes are counted in binary units", () => {
  assert.equal(toBytes("1Mi"), 1_048_576);
  assert.equal(toBytes("512Mi"), 536_870_912);
  assert.equal(toBytes("2Gi"), 2_147_483_648);
  assert.equal(toBytes("1Ti"), 1_099_511_627_776);
  assert.equal(toMebibytes("512Mi"), 512);
  assert.equal(toMebibytes("2Gi"), 2048);
});

Deno.test("the largest amount that pack.yaml accepts is exact", () => {
  assert.ok(Number.isSafeInteger(toBytes("8191Ti")));
  assert.equal(toBytes("999999Ti"), 999_999 * 2 ** 40);
});

Deno.test("CPU is counted in thousandths of a core", () => {
  assert.equal(toMillicores("2"), 2000);
  assert.equal(toMillicores("500m"), 500);
});
