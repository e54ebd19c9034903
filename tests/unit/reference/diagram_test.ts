import assert from "node:assert/strict";
import fc from "fast-check";
import { readPack } from "openclaw-pack";
import { stringify } from "yaml";
import { diagram } from "../../../src/reference/diagram.ts";
import { buildModel } from "../../../src/model/model.ts";
import { packInput } from "../../support/arbitraries.ts";

const drawn = async (text: string) => diagram(await buildModel(readPack(text).config));
const edgesOf = (picture: string) => picture.match(/^ {2}\w+ -- ".*" --> .*$/gm) ?? [];

const EDGES = [
  '  cloudflared -- "18789" --> openclaw',
  '  cloudflared -- "443, 7844" --> internet',
  '  openclaw -- "4000" --> litellm',
  '  litellm -- "443" --> internet',
  '  openclaw -- "443, 80" --> internet',
];

Deno.test("the picture has an arrow for each flow, those to the resolver aside", async () => {
  assert.deepEqual(edgesOf(await drawn("")), EDGES);
  assert.deepEqual(
    edgesOf(await drawn("flows: [{ to: { namespace: monitoring, name: grafana }, port: 3000, why: w }]")),
    [...EDGES, '  openclaw -- "3000" --> x_monitoring_47_grafana["monitoring/grafana"]'],
  );
});

Deno.test("whatever is configured, there is an arrow for each flow and a box for each workload", async () => {
  await fc.assert(
    fc.asyncProperty(packInput, async (input) => {
      const model = await buildModel(readPack(stringify(input)).config);
      const picture = diagram(model);
      assert.equal(edgesOf(picture).length, model.flows.filter(({ to }) => to.kind !== "dns").length);
      for (const { name, namespace } of model.workloads) {
        assert.ok(picture.includes(`    ${name}["<b>${name}</b>`), name);
        assert.ok(picture.includes(`["namespace ${namespace}"]`), namespace);
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("each box names what its workload reads, and no other", async () => {
  const box = (picture: string, name: string) => picture.split("\n").find((line) => line.startsWith(`    ${name}[`));
  const picture = await drawn("discord: { enabled: false }");
  assert.ok(box(picture, "litellm")?.includes("ANTHROPIC_API_KEY"));
  assert.ok(!box(picture, "openclaw")?.includes("ANTHROPIC_API_KEY"));
  assert.ok(!picture.includes("DISCORD_BOT_TOKEN"));
});

Deno.test("two targets are two boxes, even when their names differ in a sign only", async () => {
  const picture = await drawn(`flows:
  - { to: { namespace: a-b, name: c }, port: 1, why: w }
  - { to: { namespace: a, name: b-c }, port: 1, why: w }
`);
  const targets = edgesOf(picture).slice(EDGES.length).map((edge) => /--> (\w+)\[/.exec(edge)?.[1]);
  assert.equal(new Set(targets).size, 2, targets.join(" "));
});
