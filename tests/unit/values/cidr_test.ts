import assert from "node:assert/strict";
import { contains, formatCidr, type Network, parseCidr } from "../../../src/values/cidr.ts";

function network(text: string): Network {
  const parsed = parseCidr(text);
  assert.ok(parsed !== undefined, `${text} is not a network`);
  return parsed;
}

Deno.test("a network is normalized to its own address in the canonical form", () => {
  const cases = {
    "10.244.0.0/16": "10.244.0.0/16",
    "10.244.1.2/16": "10.244.0.0/16",
    "255.255.255.255/1": "128.0.0.0/1",
    "1.2.3.4/32": "1.2.3.4/32",
    "1.2.3.4/0": "0.0.0.0/0",
    "2001:DB8:0:0::1/32": "2001:db8::/32",
    "fd00::1/128": "fd00::1/128",
    "::1/0": "::/0",
  };
  for (const [text, canonical] of Object.entries(cases)) assert.equal(formatCidr(network(text)), canonical);
});

Deno.test("a text that is not a network in CIDR notation is undefined", () => {
  for (
    const text of [
      "",
      "10.0.0.0",
      "10/8",
      "10.1/16",
      "10.0.0.0/33",
      "10.0.0.0/-1",
      "::/129",
      "a.b.c.d/8",
      "1.2.3.256/8",
    ]
  ) {
    assert.equal(parseCidr(text), undefined, text);
  }
});

Deno.test("a network contains itself and its parts, but nothing of the other family", () => {
  const cases: [outer: string, inner: string, contained: boolean][] = [
    ["10.0.0.0/8", "10.0.0.0/8", true],
    ["10.0.0.0/8", "10.255.255.255/32", true],
    ["10.0.0.0/8", "11.0.0.0/32", false],
    ["10.1.0.0/16", "10.1.0.0/16", true],
    ["10.0.0.0/16", "10.0.0.0/8", false],
    ["0.0.0.0/0", "10.0.0.0/8", true],
    ["fc00::/7", "fd12::/48", true],
    ["fc00::/7", "fe00::/48", false],
    ["::/0", "10.0.0.0/8", false],
    ["0.0.0.0/0", "::/0", false],
    ["::/0", "::ffff:0:0/96", true],
  ];
  for (const [outer, inner, contained] of cases) {
    assert.equal(contains(network(outer), network(inner)), contained, `${inner} in ${outer}`);
  }
});
