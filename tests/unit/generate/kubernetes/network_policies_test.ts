import assert from "node:assert/strict";
import { baseObjects, filesOf, type Json, objectOf, S3, SSH } from "../../../support/support.ts";

const policies = async (input = {}) => baseObjects(await filesOf(input)).filter(({ kind }) => kind === "NetworkPolicy");
const ports = (rule: Json) => rule.ports.map(({ protocol, port }: Json) => `${protocol} ${port}`);

Deno.test("each namespace denies all traffic by default", async () => {
  const objects = (await policies(SSH)).filter(({ metadata }) => metadata.name === "default-deny");
  assert.deepEqual(objects.map(({ metadata }) => metadata.namespace), ["openclaw-sandbox", "openclaw"].toSorted());
  for (const { spec } of objects) assert.deepEqual(spec, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
});

Deno.test("every rule names its peers and its ports", async () => {
  for (const { metadata, spec } of [...await policies(), ...await policies(SSH)]) {
    if (metadata.name === "default-deny") continue;
    assert.deepEqual(spec.policyTypes, ["Ingress", "Egress"]);
    for (const rule of [...spec.ingress ?? [], ...spec.egress ?? []]) {
      const peers = rule.from ?? rule.to;
      assert.ok(peers.length > 0, metadata.name);
      assert.ok(rule.ports.length > 0, metadata.name);
      for (const peer of peers) {
        // A peer with only a namespace would match every pod in it.
        assert.ok(peer.ipBlock || Object.keys(peer.podSelector.matchLabels).length > 0, metadata.name);
      }
    }
  }
});

Deno.test("private ranges are not part of the internet", async () => {
  const shut = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
    "fe80::/10",
  ];
  for (const { metadata, spec } of await policies()) {
    for (const { to } of (spec.egress ?? []).filter(({ to }: Json) => to[0].ipBlock)) {
      assert.deepEqual(to.map(({ ipBlock }: Json) => ipBlock.cidr), ["0.0.0.0/0", "::/0"]);
      const except = to.flatMap(({ ipBlock }: Json) => ipBlock.except);
      for (const cidr of shut) assert.ok(except.includes(cidr), `${metadata.name} ${cidr}`);
    }
  }
});

Deno.test("only cloudflared reaches the gateway, only the gateway reaches LiteLLM, and nothing reaches cloudflared", async () => {
  const objects = await policies();
  const sources = (name: string) =>
    objectOf(objects, "NetworkPolicy", name).spec.ingress?.map((rule: Json) => [
      rule.from.map((peer: Json) => peer.podSelector.matchLabels["app.kubernetes.io/name"]),
      ports(rule),
    ]);
  assert.deepEqual(sources("openclaw-network"), [[["cloudflared"], ["TCP 18789"]]]);
  assert.deepEqual(sources("litellm-network"), [[["openclaw"], ["TCP 4000"]]]);
  assert.equal(sources("cloudflared-network"), undefined);
});

Deno.test("cloudflared may use the tunnel's port with TCP and UDP", async () => {
  const { spec } = objectOf(await policies(), "NetworkPolicy", "cloudflared-network");
  const [world] = spec.egress.filter(({ to }: Json) => to[0].ipBlock);
  assert.deepEqual(ports(world), ["TCP 443", "TCP 7844", "UDP 7844"]);
});

Deno.test("with the ssh sandbox, the agent's commands reach neither the gateway nor LiteLLM", async () => {
  const { spec } = objectOf(await policies(SSH), "NetworkPolicy", "sandbox-network");
  const targets = spec.egress.flatMap(({ to }: Json) =>
    to.map((peer: Json) => JSON.stringify(peer.podSelector ?? peer.ipBlock.cidr))
  );
  assert.deepEqual(targets, ['{"matchLabels":{"k8s-app":"kube-dns"}}', '"0.0.0.0/0"', '"::/0"']);
});

Deno.test("nothing reaches the backup, and it reaches nothing, or with S3 only the internet over HTTPS", async () => {
  const { spec } = objectOf(await policies(), "NetworkPolicy", "backup-network");
  assert.deepEqual([spec.ingress, spec.egress], [undefined, undefined]);
  const s3 = objectOf(await policies(S3), "NetworkPolicy", "backup-network");
  assert.equal(s3.spec.ingress, undefined);
  assert.deepEqual(s3.spec.egress.map(ports), [["UDP 53", "TCP 53"], ["TCP 443"]]);
});

Deno.test("NodeLocal DNSCache is allowed, although it is link-local", async () => {
  for (const { spec } of await policies({ cluster: { nodeLocalDns: "169.254.20.10" } })) {
    if ((spec.egress ?? []).length === 0) continue;
    assert.deepEqual(spec.egress[0].to[1], { ipBlock: { cidr: "169.254.20.10/32" } });
  }
});
