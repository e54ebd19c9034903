import assert from "node:assert/strict";
import {
  cellsFrom,
  type Destination,
  dnsQuestion,
  findingOf,
  openedBy,
  targetOf,
  type TriedCell,
  UNLABELLED_POD,
} from "../../../../src/commands/verify/cells.ts";
import { modelOf, SSH } from "../../../support/support.ts";

const tcp = { protocol: "TCP" } as const;
const workload = (name: string, port: number): Destination => ({
  name: `${name}:${port}`,
  place: { kind: "workload", workload: name },
  ...tcp,
  port,
  address: "10.244.0.7",
  host: `${name}.openclaw.svc.cluster.local`,
});
const LITELLM = workload("litellm", 4000);
const GATEWAY = workload("openclaw", 18789);
const DAEMON = workload("openclaw", 2376);
const WEB: Destination = { name: "internet:443", place: { kind: "internet" }, ...tcp, port: 443, address: "1.1.1.1" };
const EDGE: Destination = { ...WEB, name: "internet:7844", port: 7844 };
const DNS: Destination = {
  name: "DNS by UDP",
  place: { kind: "dns" },
  protocol: "UDP",
  port: 53,
  address: "@resolver",
  payload: dnsQuestion("a.b"),
};
const API: Destination = {
  name: "API server:443",
  place: { kind: "forbidden" },
  ...tcp,
  port: 443,
  address: "10.96.0.1",
  listens: "it answers this program",
};
const GRAFANA: Destination = {
  name: "monitoring/grafana:3000",
  place: { kind: "pod", namespace: "monitoring", labels: { "app.kubernetes.io/name": "grafana", release: "x" } },
  ...tcp,
  port: 3000,
  address: "10.244.0.9",
};
const ALL = [LITELLM, GATEWAY, DAEMON, WEB, EDGE, DNS, API, GRAFANA];

Deno.test("each workload has a cell for each destination, open only if a flow leads there", async () => {
  const { flows } = await modelOf({
    flows: [{ to: { namespace: "monitoring", name: "grafana" }, port: 3000, why: "reads dashboards" }],
  });
  const open = (from: string) =>
    cellsFrom(flows, from, ALL).filter(({ flow }) => flow !== undefined).map(({ to }) => to.name);
  assert.deepEqual(open("cloudflared"), [GATEWAY, WEB, EDGE, DNS].map(({ name }) => name));
  assert.deepEqual(open("openclaw"), [LITELLM, WEB, DNS, GRAFANA].map(({ name }) => name));
  assert.deepEqual(open("litellm"), [WEB, DNS].map(({ name }) => name));
  assert.deepEqual(open(UNLABELLED_POD), []);
  for (const from of ["cloudflared", "openclaw", "litellm", UNLABELLED_POD]) {
    assert.equal(cellsFrom(flows, from, ALL).length, ALL.length);
  }
  assert.deepEqual(cellsFrom(flows, "openclaw", ALL).filter(({ own }) => own).map(({ to }) => to), [GATEWAY, DAEMON]);
});

Deno.test("with the ssh sandbox the gateway reaches it, and it reaches no workload", async () => {
  const { flows } = await modelOf(SSH);
  const sandbox = workload("sandbox", 2222);
  assert.ok(openedBy(flows, "openclaw", sandbox));
  assert.equal(openedBy(flows, "litellm", sandbox), undefined);
  for (const to of [LITELLM, GATEWAY, API]) assert.equal(openedBy(flows, "sandbox", to), undefined);
});

Deno.test("a flow opens only its own protocol and port, of pods with all of its labels", async () => {
  const { flows } = await modelOf({
    flows: [{ to: { namespace: "monitoring", labels: { app: "x", tier: "y" } }, port: 9090, why: "w" }],
  });
  const pod = (labels: Record<string, string>, namespace = "monitoring"): Destination => ({
    ...GRAFANA,
    place: { kind: "pod", namespace, labels },
    port: 9090,
  });
  assert.ok(openedBy(flows, "openclaw", pod({ app: "x", tier: "y", more: "z" })));
  assert.equal(openedBy(flows, "openclaw", pod({ app: "x" })), undefined);
  assert.equal(openedBy(flows, "openclaw", pod({ app: "x", tier: "y" }, "other")), undefined);
  assert.equal(openedBy(flows, "openclaw", { ...pod({ app: "x", tier: "y" }), port: 9091 }), undefined);
  assert.equal(openedBy(flows, "openclaw", { ...pod({ app: "x", tier: "y" }), protocol: "UDP" }), undefined);
});

Deno.test("a closed cell is tried by address, an open one by the name that the workload uses", async () => {
  const { flows } = await modelOf();
  const target = (from: string) => {
    const [cell] = cellsFrom(flows, from, [LITELLM]);
    assert.ok(cell);
    return targetOf(cell, 3);
  };
  assert.deepEqual(target("openclaw"), { id: 3, ...tcp, host: LITELLM.host, port: 4000 });
  assert.deepEqual(target("cloudflared"), { id: 3, ...tcp, host: LITELLM.address, port: 4000 });
});

Deno.test("silence passes only if something is known to listen", async () => {
  const { flows } = await modelOf();
  const tried = (from: string, to: Destination, ...tries: string[]): TriedCell => {
    const [cell] = cellsFrom(flows, from, [to]);
    assert.ok(cell);
    return { ...cell, tries };
  };
  const status = (cell: TriedCell, ...others: TriedCell[]) => findingOf(cell, [cell, ...others]).status;
  const open = tried("openclaw", LITELLM, "open");
  assert.equal(status(open), "pass");
  assert.equal(status(tried("openclaw", LITELLM, "timeout", "open")), "pass");
  assert.equal(status(tried("openclaw", LITELLM, "timeout", "timeout")), "fail");
  assert.equal(status(tried("cloudflared", LITELLM, "timeout", "open"), open), "fail");
  assert.equal(status(tried("cloudflared", LITELLM, "timeout", "timeout")), "skip");
  assert.equal(status(tried("cloudflared", LITELLM, "timeout", "timeout"), open), "pass");
  // No policy applies inside a pod, so an open port of its own shows that something listens.
  assert.equal(status(tried("litellm", DAEMON, "ECONNREFUSED"), tried("openclaw", DAEMON, "open")), "pass");
  assert.equal(status(tried("litellm", API, "ECONNREFUSED", "timeout")), "pass");
  assert.equal(status(tried("litellm", API, "ENOTFOUND", "ENOTFOUND")), "skip");
  assert.match(findingOf(tried("litellm", API, "open"), []).reason, /no flow allows it/);
});

Deno.test("a DNS query is a packet as defined in RFC 1035", () => {
  assert.equal(dnsQuestion("ab.c"), "0c1a01000001000000000000" + "026162" + "0163" + "00" + "00010001");
});
