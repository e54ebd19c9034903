import assert from "node:assert/strict";
import { stringify } from "yaml";
import type { PackInput } from "openclaw-pack";
import { errorsOf } from "./errors_of.ts";

/** Returns the paths of the errors, each with its suggestion if it has one. */
function found(input: PackInput): string[] {
  return errorsOf(stringify(input)).map(({ path, suggestion }) =>
    path.join(".") + (suggestion === undefined ? "" : ` -> ${suggestion}`)
  );
}

const SSH = { backend: "ssh", image: "registry.example.com/sandbox:1.0.0" } as const;
const openclaw = (version: string) => ({ openclaw: `ghcr.io/openclaw/openclaw:${version}` });
/** Its plugin has an integrity of its own, which another rule asks for. */
const discord = { enabled: false } as const;
const model = (id: string, alias: string) => ({ id, name: id, alias });
const secret = (name: string, more: Partial<NonNullable<PackInput["secrets"]>[number]> = {}) => ({
  name,
  description: "for a test",
  ...more,
});
const to = { namespace: "monitoring", name: "grafana" };
const flow = (more: Partial<NonNullable<PackInput["flows"]>[number]> = {}) => ({ to, port: 80, why: "asks", ...more });

type Toleration = NonNullable<NonNullable<PackInput["cluster"]>["tolerations"]>[number];
const tolerating = (...tolerations: Toleration[]): PackInput => ({ cluster: { tolerations } });

/** Rows of one rule: the content of pack.yaml, and the expected errors. */
const RULES: Record<string, readonly (readonly [input: PackInput, errors: readonly string[]])[]> = {
  "the host is in the zone": [
    [{ hostname: "a.example.com", zone: "example.com" }, []],
    [{ hostname: "a.b.example.com", zone: "example.com" }, []],
    [{ hostname: "a.example.org", zone: "example.com" }, ["hostname -> a.example.com"]],
    [{ hostname: "a.notexample.com", zone: "example.com" }, ["hostname -> a.example.com"]],
    [{ zone: "example.com" }, ["hostname -> openclaw.example.com"]],
  ],
  "the docker sandbox on CRI-O needs OpenClaw before 2026.9.5": [
    [{ discord, images: openclaw("2026.9.4") }, []],
    [{ discord, images: openclaw("2026.9.5") }, ["images.openclaw"]],
    [{ discord, images: openclaw("v2026.9.5-beta.1") }, ["images.openclaw"]],
    [{ discord, images: openclaw("2026.10.1") }, ["images.openclaw"]],
    [{ discord, images: openclaw("2027.1.0") }, ["images.openclaw"]],
    [{ discord, images: openclaw("2025.12.31") }, []],
    [{ discord, images: openclaw("2026.9.5"), cluster: { runtime: "containerd" } }, []],
    [{ discord, images: openclaw("2026.9.5"), sandbox: SSH }, []],
  ],
  "the ssh sandbox needs its image": [
    [{ sandbox: { backend: "ssh" } }, ["sandbox.image"]],
    [{ sandbox: SSH }, []],
    [{ sandbox: { backend: "docker" } }, []],
  ],
  "the ssh sandbox needs a separate namespace": [
    [{ sandbox: { ...SSH, namespace: "openclaw" } }, ["sandbox.namespace -> openclaw-sandbox"]],
    [{ sandbox: SSH, cluster: { namespace: "openclaw-sandbox" } }, [
      "sandbox.namespace -> openclaw-sandbox-sandbox",
    ]],
    [{ sandbox: { backend: "docker", namespace: "openclaw" } }, []],
  ],
  "users are listed only if the gateway knows them": [
    [{ gateway: { accessUsers: ["a@b.c"] } }, ["gateway.accessUsers"]],
    [{ gateway: { accessUsers: ["a@b.c"], auth: "cloudflare-access" } }, []],
    [{ gateway: { auth: "cloudflare-access" } }, []],
  ],
  "the folder for Cloudflare is separate from that for AWS": [
    [{ cloudflare: { directory: "aws/openclaw" } }, ["cloudflare.directory"]],
    [{ cloudflare: { directory: "aws/openclaw/cloudflare" } }, ["cloudflare.directory"]],
    [{ cloudflare: { directory: "aws" } }, ["cloudflare.directory"]],
    [{ cloudflare: { directory: "aws/openclaw2" } }, []],
    [{ cloudflare: { directory: "cf" } }, []],
  ],
  "a toleration is valid for Kubernetes": [
    [tolerating({ key: "a", value: "b" }), []],
    [tolerating({ key: "a", operator: "Equal", value: "b", effect: "PreferNoSchedule" }), []],
    [tolerating({ key: "a", operator: "Exists" }, { operator: "Exists", effect: "NoSchedule" }), []],
    [tolerating({ operator: "Exists", effect: "NoExecute", tolerationSeconds: 0 }), []],
    [tolerating({ value: "b" }), ["cluster.tolerations.0.key"]],
    [tolerating({ key: "a" }), ["cluster.tolerations.0.value"]],
    [tolerating({}), ["cluster.tolerations.0.key", "cluster.tolerations.0.value"]],
    [tolerating({ key: "a", operator: "Exists", value: "b" }), ["cluster.tolerations.0.value"]],
    [tolerating({ key: "a", value: "b" }, { key: "a", value: "b", tolerationSeconds: 60 }), [
      "cluster.tolerations.1.tolerationSeconds",
    ]],
    [tolerating({ key: "a", value: "b", effect: "NoSchedule", tolerationSeconds: 60 }), [
      "cluster.tolerations.0.tolerationSeconds",
    ]],
  ],
  "the gateway and its backup share a kernel": [
    [{ cluster: { runtimeClassName: "kata" } }, ["cluster.runtimeClassName"]],
    [{ cluster: { runtimeClassName: "kata" }, backup: { enabled: false } }, []],
    [{ cluster: { runtimeClassName: "kata" }, sandbox: SSH }, []],
    [{}, []],
  ],
  "no two models share an ID or an alias": [
    [{ models: { list: [model("a", "x"), model("b", "y")] } }, []],
    [{ models: { list: [model("a", "x"), model("a", "y")] } }, ["models.list.1.id"]],
    [{ models: { list: [model("a", "x"), model("b", "x"), model("c", "x")] } }, [
      "models.list.1.alias",
      "models.list.2.alias",
    ]],
  ],
  "no two secrets share a parameter": [
    [{ secrets: [secret("A"), secret("B")] }, []],
    [{ secrets: [secret("A"), secret("A", { reader: "litellm" })] }, ["secrets.1.name"]],
    [{ secrets: [secret("GITHUB_TOKEN", { env: ["OTHER"] })] }, ["secrets.0.name"]],
    [{ secrets: [secret("SANDBOX_SSH_HOST_KEY", { env: ["OTHER"] })] }, ["secrets.0.name"]],
  ],
  "no two secrets share an environment variable of one workload": [
    [{ secrets: [secret("A", { env: ["GH_TOKEN"] })] }, ["secrets.0.env.0"]],
    [{ secrets: [secret("A", { env: ["GH_TOKEN"], reader: "litellm" })] }, []],
    [{ secrets: [secret("CODEX_API_KEY")] }, ["secrets.0.name"]],
    [{ secrets: [secret("A"), secret("B", { env: ["B", "A"] })] }, ["secrets.1.env.1"]],
    [{ secrets: [secret("A"), secret("B", { env: ["B", "A"], reader: "litellm" })] }, []],
    [{ secrets: [secret("A", { env: ["B", "B"] })] }, ["secrets.0.env.1"]],
    [{ secrets: [secret("A", { env: ["TUNNEL_TOKEN"], reader: "cloudflared" })] }, ["secrets.0.env.0"]],
    [{ secrets: [secret("A", { env: ["TUNNEL_TOKEN"] })] }, []],
    [{ secrets: [secret("A", { env: ["OPENCLAW_GATEWAY_PASSWORD"] })] }, ["secrets.0.env.0"]],
  ],
  "no secret replaces the tunnel's key in cloudflared's Secret": [
    [{ secrets: [secret("TUNNEL_TOKEN", { reader: "cloudflared" })] }, ["secrets.0.name"]],
  ],
  "no secret replaces a variable that its reader's pod sets": [
    [{ secrets: [secret("A", { env: ["HOME"] })] }, ["secrets.0.env.0"]],
    [{ secrets: [secret("NODE_OPTIONS")] }, ["secrets.0.name"]],
  ],
  "the sandbox reads no secret": [
    [{ secrets: [secret("A", { reader: "sandbox" })] }, ["secrets.0.reader"]],
    [{ secrets: [secret("A", { reader: "sandbox" })], sandbox: SSH }, ["secrets.0.reader"]],
  ],
  "only the ssh sandbox has its own network": [
    [{ flows: [flow(), flow({ from: "sandbox" })] }, ["flows.1.from -> openclaw"]],
    [{ flows: [flow({ from: "sandbox" })], sandbox: SSH }, []],
  ],
  "a flow selects its pods by either name or labels": [
    [{ flows: [flow({ to: { namespace: "a" } })] }, ["flows.0.to"]],
    [{ flows: [flow({ to: { namespace: "a", labels: {} } })] }, ["flows.0.to"]],
    [{ flows: [flow({ to: { namespace: "a", labels: { b: "c" } } })] }, []],
    [{ flows: [flow({ to: { ...to, labels: { b: "c" } } })] }, ["flows.0.to"]],
  ],
  "no request is above its limit": [
    [{ resources: { litellm: { cpuRequest: "2", cpuLimit: "2000m" } } }, []],
    [{ resources: { litellm: { cpuRequest: "2001m", cpuLimit: "2" } } }, ["resources.litellm.cpuRequest"]],
    [{ resources: { litellm: { memoryRequest: "1024Mi", memoryLimit: "1Gi" } } }, []],
    [{ resources: { litellm: { memoryRequest: "1025Mi", memoryLimit: "1Gi" } } }, ["resources.litellm.memoryRequest"]],
    [{ resources: { sandbox: { cpuRequest: "4" } } }, ["resources.sandbox.cpuRequest"]],
  ],
  "the gateway and LiteLLM have the memory that they need": [
    [{ resources: { openclaw: { memoryLimit: "2048Mi" } } }, []],
    [{ resources: { openclaw: { memoryLimit: "2047Mi" } } }, ["resources.openclaw.memoryLimit -> 2Gi"]],
    [{ resources: { litellm: { memoryLimit: "512Mi" } } }, ["resources.litellm.memoryLimit -> 1Gi"]],
    [{ resources: { cloudflared: { memoryRequest: "1Mi", memoryLimit: "1Mi" } } }, []],
  ],
  "one docker sandbox cannot use all of the daemon's memory": [
    [{ sandbox: { memory: "2047Mi" } }, []],
    [{ sandbox: { memory: "2Gi" } }, ["sandbox.memory"]],
    [{ sandbox: { memory: "2Gi" }, resources: { docker: { memoryLimit: "3Gi" } } }, []],
    [{ sandbox: { ...SSH, memory: "8Gi" } }, []],
  ],
  "another version of a tool has other checksums": [
    [{ tools: { gh: { version: "v2.103.0" } } }, ["tools.gh.amd64", "tools.gh.arm64"]],
    [{ tools: { gh: { version: "v2.103.0", amd64: "0a".repeat(32) } } }, ["tools.gh.arm64"]],
    [{ tools: { gh: { version: "v2.103.0", amd64: "0a".repeat(32), arm64: "0b".repeat(32) } } }, []],
    [{ tools: { gh: { amd64: "0a".repeat(32) } } }, []],
    [{ tools: { codex: { version: "0.170.0" } } }, ["tools.codex.amd64", "tools.codex.arm64"]],
  ],
  "another version of OpenClaw has another Discord plugin": [
    [{ images: { openclaw: "ghcr.io/openclaw/openclaw:2026.9.3" } }, ["discord.pluginIntegrity"]],
    [{ images: { openclaw: "mirror.example.com/openclaw:v2026.9.4" } }, []],
    [{ images: { openclaw: "a/openclaw:2026.9.3" }, discord: { pluginIntegrity: `sha512-${"A".repeat(86)}==` } }, []],
    [{ images: { openclaw: "a/openclaw:2026.9.3" }, discord: { enabled: false } }, []],
  ],
  "the IPv4 internet is not entirely blocked": [
    [{ cluster: { blockedCidrs: ["203.0.113.0/24", "0.0.0.0/0"] } }, ["cluster.blockedCidrs.1"]],
    [{ cluster: { podCidrs: ["0.0.0.0/0"] } }, ["cluster.podCidrs.0"]],
    [{ cluster: { blockedCidrs: ["::/0"] } }, []],
  ],
};

for (const [name, rows] of Object.entries(RULES)) {
  Deno.test(name, () => {
    for (const [input, errors] of rows) assert.deepEqual(found(input), errors, JSON.stringify(input));
  });
}
