import assert from "node:assert/strict";
import fc from "fast-check";
import { readPack } from "openclaw-pack";
import { stringify } from "yaml";
import { diagram } from "../../../src/reference/diagram.ts";
import { buildModel } from "../../../src/model/model.ts";
import { packInput } from "../../support/arbitraries.ts";

const drawn = async (text: string) => diagram(await buildModel(readPack(text).config));
const edgesOf = (chart: string) => chart.match(/^ {2}\w+ -- ".*" --> .*$/gm) ?? [];

const EDGES = [
  '  cloudflared -- "18789" --> openclaw',
  '  cloudflared -- "443, 7844" --> internet',
  '  openclaw -- "4000" --> litellm',
  '  litellm -- "443" --> internet',
  '  openclaw -- "443, 80" --> internet',
];

Deno.test("the diagram has an arrow for each flow except those to the resolver", async () => {
  assert.deepEqual(edgesOf(await drawn("")), EDGES);
  assert.deepEqual(
    edgesOf(await drawn("flows: [{ to: { namespace: monitoring, name: grafana }, port: 3000, why: w }]")),
    [...EDGES, '  openclaw -- "3000" --> x_monitoring_47_grafana["monitoring/grafana"]'],
  );
});

Deno.test("in any configuration, each flow has an arrow and each workload a box", async () => {
  await fc.assert(
    fc.asyncProperty(packInput, async (input) => {
      const model = await buildModel(readPack(stringify(input)).config);
      const chart = diagram(model);
      assert.equal(edgesOf(chart).length, model.flows.filter(({ to }) => to.kind !== "dns").length);
      for (const { name, namespace } of model.workloads) {
        assert.ok(chart.includes(`    ${name}["<b>${name}</b>`), name);
        assert.ok(chart.includes(`["namespace ${namespace}"]`), namespace);
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("each box names only the secrets that its workload reads", async () => {
  const box = (chart: string, name: string) => chart.split("\n").find((line) => line.startsWith(`    ${name}[`));
  const chart = await drawn("discord: { enabled: false }");
  assert.ok(box(chart, "litellm")?.includes("ANTHROPIC_API_KEY"));
  assert.ok(!box(chart, "openclaw")?.includes("ANTHROPIC_API_KEY"));
  assert.ok(!chart.includes("DISCORD_BOT_TOKEN"));
});

Deno.test("two targets are two boxes, even if their names differ in one character", async () => {
  const chart = await drawn(`flows:
  - { to: { namespace: a-b, name: c }, port: 1, why: w }
  - { to: { namespace: a, name: b-c }, port: 1, why: w }
`);
  const targets = edgesOf(chart).slice(EDGES.length).map((edge) => /--> (\w+)\[/.exec(edge)?.[1]);
  assert.equal(new Set(targets).size, 2, targets.join(" "));
});
