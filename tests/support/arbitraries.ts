/**
 * Arbitraries of valid pack.yaml files: every section, present or not, with values at the limits of their formats and texts
 * that would break unquoted YAML, JSON, HCL or shell.
 *
 * @module
 */

import fc from "fast-check";
import type { PackInput } from "openclaw-pack";
import { GROUP_KINDS } from "../../src/config/schema/cloudflare.ts";
import { formatCidr, parseCidr } from "../../src/values/cidr.ts";
import { SECRETS } from "../../src/tables/secrets.ts";
import { WORKLOAD_NAMES } from "../../src/tables/workloads.ts";

type Section<K extends keyof PackInput> = fc.Arbitrary<NonNullable<PackInput[K]>>;
type Backend = "docker" | "ssh";

/** Returns a mapping in which any field may be missing. */
const some = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T, never>(fields, { requiredKeys: [] });

/** DNS labels that YAML 1.1 or 1.2 would not read as strings. */
const LABEL_TRAPS = [
  "yes",
  "no",
  "on",
  "null",
  "true",
  "0777",
  "1e3",
  "0o17",
  "0x1f",
  "123",
  "2001-01-01",
  "a".repeat(63),
];
const dnsLabel = fc.oneof(fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/), fc.constantFrom(...LABEL_TRAPS));
const shortLabel = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);
const dnsName = fc.array(shortLabel, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));

/** Lines that would end a comment, a string or a table too early if they were not quoted. */
const LINE_TRAPS = [
  " # not a comment ",
  "a: b",
  "- item",
  "yes",
  "0o17",
  "12:30:45",
  "null",
  "---",
  "\"double\" 'single' `back`",
  "\\ \\n $(date) $$ %% $ {",
  "{{ .Values.x }} | <b>&amp;</b> -->",
  "日本語 ñ 🦞",
  "x".repeat(200),
];
const line = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((text) =>
    !/[\p{Cc}\p{Zl}\p{Zp}]|[$%]\{/u.test(text) && text.length <= 200
  ),
  fc.constantFrom(...LINE_TRAPS),
);

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const digits = (from: number, to: number) => fc.stringMatching(new RegExp(`^[0-9]{${from},${to}}$`));
const email = fc.emailAddress().filter((address) => !/[$%]\{/.test(address));
const githubName = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8})?$/);
const labelValue = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,20}[A-Za-z0-9])?$/),
  fc.constantFrom(...LABEL_TRAPS),
);
const labelKey = fc.oneof(labelValue, fc.tuple(dnsName, labelValue).map((parts) => parts.join("/")));
const labels = (minimum: number) =>
  fc.dictionary(labelKey, labelValue, { minKeys: minimum, maxKeys: 3, noNullPrototype: true });

/**
 * Networks of both families, without host bits. IPv4-mapped ones are omitted, because Kubernetes refuses them in an ipBlock.
 */
const cidr = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 })),
  fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
).map(([address, prefix]) => parseCidr(`${address}/${prefix}`))
  .filter((network) => network !== undefined)
  .map(formatCidr)
  .filter((text) => !text.startsWith("::ffff:") && parseCidr(text) !== undefined);

const version = fc.tuple(fc.nat(30), fc.nat(99), fc.nat(99)).map((parts) => parts.join("."));
const digest = hex(64).map((hash) => `@sha256:${hash}`);
const repository = fc.constantFrom(
  "docker",
  "cloudflare/cloudflared",
  "ghcr.io/a/b_c",
  "localhost:5000/a-b/c.d",
  "a/b/c/d",
);
const versionedImage = fc.tuple(repository, fc.constantFrom(":", ":v"), version, fc.oneof(fc.constant(""), digest))
  .map((parts) => parts.join(""));
const image = fc.oneof(
  versionedImage,
  fc.tuple(repository, digest).map(([name, hash]) => `${name}:bookworm-slim${hash}`),
);

const aws: Section<"aws"> = some({
  accountId: digits(12, 12),
  region: fc.constantFrom("ap-northeast-1", "us-gov-west-1", "eu-central-2"),
  stateBucket: fc.stringMatching(/^[a-z][a-z0-9.-]{1,20}[a-z0-9]$/),
  historyBucket: fc.stringMatching(/^[a-z][a-z0-9.-]{1,20}[a-z0-9]$/),
  ssmPrefix: fc.stringMatching(/^\/([A-Za-z0-9_.-]{1,10}\/){1,3}$/),
});

const cloudflare: Section<"cloudflare"> = some({
  accountId: hex(32),
  zoneId: hex(32),
  identityProvider: line,
  sessionDuration: fc.constantFrom("24h", "1h30m", "90s"),
  directory: fc.constantFrom("cf", "cloudflare/a.b/c_d-e"),
  access: some({
    emails: fc.array(email, { maxLength: 3 }),
    githubOrganizations: fc.array(
      fc.record({ name: githubName, team: githubName }, { requiredKeys: ["name"] }),
      { maxLength: 2 },
    ),
    groups: fc.array(fc.record({ kind: fc.constantFrom(...GROUP_KINDS), id: line }), { maxLength: 3 }),
    healthToken: fc.boolean(),
  }),
});

type Toleration = NonNullable<NonNullable<PackInput["cluster"]>["tolerations"]>[number];
const toleration: fc.Arbitrary<Toleration> = fc.oneof(
  fc.record<Toleration>({ key: labelKey, value: labelValue }),
  fc.record<Toleration>({ key: labelKey, operator: fc.constant("Exists"), effect: fc.constant("NoSchedule") }),
  fc.record<Toleration>({
    operator: fc.constant("Exists"),
    effect: fc.constant("NoExecute"),
    tolerationSeconds: fc.nat(86_400),
  }),
);

const clusterOf = (backend: Backend): Section<"cluster"> =>
  some({
    runtime: fc.constantFrom("cri-o", "containerd"),
    namespace: dnsLabel,
    storageClass: dnsName,
    storageSize: fc.constantFrom("1Mi", "10Gi", "999999Ti"),
    secretStore: dnsName,
    nodeSelector: labels(0),
    tolerations: fc.array(toleration, { maxLength: 3 }),
    keysApart: fc.constantFrom("required", "preferred", "off"),
    userNamespaces: fc.boolean(),
    podCidrs: fc.array(cidr, { minLength: 1, maxLength: 4 }),
    serviceCidrs: fc.array(cidr, { maxLength: 4 }),
    blockedCidrs: fc.array(cidr, { maxLength: 4 }),
    nodeLocalDns: fc.constantFrom("169.254.20.10", "fd00::a"),
    // With the docker sandbox a RuntimeClass is valid only without backups.
    ...(backend === "ssh" ? { runtimeClassName: dnsName } : {}),
  });

const argocd: Section<"argocd"> = some({
  repoUrl: fc.constantFrom("git@github.com:boxp/lolice.git", "https://git.example.com/a.git", "ssh://git@a.b:22/c"),
  targetRevision: fc.constantFrom("HEAD", "main", "release/1.2", "0123456", "1e3"),
  path: fc.constantFrom("argoproj/openclaw", "a", ".a/b-c/d_e"),
  project: dnsLabel,
  namespace: dnsLabel,
});

const gateway: Section<"gateway"> = fc.oneof(
  some({ auth: fc.constant("token" as const), accessUsers: fc.constant<string[]>([]) }),
  fc.record({ auth: fc.constant("cloudflare-access" as const), accessUsers: fc.array(email, { maxLength: 3 }) }, {
    requiredKeys: ["auth"],
  }),
);

const discord: Section<"discord"> = some({
  enabled: fc.boolean(),
  allowFrom: fc.array(digits(17, 20), { maxLength: 3 }),
  pluginIntegrity: fc.stringMatching(/^sha512-[A-Za-z0-9+/]{86}==$/),
});

const model = fc.record({
  id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,30}$/),
  name: line,
  alias: fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,15}$/),
  reasoning: fc.boolean(),
  contextWindow: fc.integer({ min: 1000, max: 10_000_000 }),
  maxTokens: fc.integer({ min: 100, max: 1_000_000 }),
  price: fc.record({ input: fc.integer({ min: 0, max: 100 }), output: fc.constantFrom(0, 2.5, 75) }),
}, { requiredKeys: ["id", "name", "alias"] });

const models: Section<"models"> = some({
  list: fc.uniqueArray(model, { minLength: 1, maxLength: 4, selector: ({ id }) => id })
    .map((rows) => rows.map((row, index) => ({ ...row, alias: `${row.alias}${index}` }))),
  budget: some({ usd: fc.constantFrom(0.01, 5, 1_000_000), per: fc.constantFrom("day", "week", "month") }),
  requestsPerMinute: fc.integer({ min: 1, max: 10_000 }),
});

/** With docker, less than the minimum memory that {@linkcode resources} gives the daemon. */
const sandboxOf: Record<Backend, Section<"sandbox">> = {
  docker: some({
    backend: fc.constant("docker" as const),
    memory: fc.constantFrom("1Mi", "1Gi", "2047Mi"),
    cpus: fc.integer({ min: 1, max: 64 }),
    pids: fc.integer({ min: 32, max: 32_768 }),
    diskSize: fc.constantFrom("512Mi", "1Ti"),
  }),
  ssh: fc.record({
    backend: fc.constant("ssh" as const),
    image,
    namespace: dnsLabel,
    memory: fc.constantFrom("1Mi", "8Gi"),
    diskSize: fc.constantFrom("512Mi", "1Ti"),
  }, { requiredKeys: ["backend", "image"] }),
};

const backup: Section<"backup"> = fc.oneof(
  fc.constant({ enabled: false }),
  some({
    enabled: fc.constant(true),
    schedule: fc.constantFrom("17 3 * * *", "*/5 * * * *", "0 0 1 jan ?", "* * * * sun-sat/2"),
    timeZone: fc.constantFrom("Etc/UTC", "America/Port-au-Prince"),
    keep: fc.integer({ min: 1, max: 365 }),
    storageSize: fc.constantFrom("512Mi", "1Ti"),
    s3: fc.record({
      bucket: fc.stringMatching(/^[a-z][a-z0-9.-]{1,20}[a-z0-9]$/),
      prefix: fc.constantFrom("openclaw", "0777", "a/b.c-d_e"),
      region: fc.constantFrom("eu-central-2"),
    }, { requiredKeys: ["bucket"] }),
  }),
);

/** An OpenClaw that works with the docker sandbox on CRI-O, and whose plugin has the pinned integrity. */
const images: Section<"images"> = some({
  openclaw: fc.constantFrom("ghcr.io/openclaw/openclaw:2026.9.4", "a/openclaw:v2026.9.4"),
  litellm: versionedImage,
  cloudflared: versionedImage,
  docker: versionedImage,
  rclone: versionedImage,
  sandboxBase: image,
});

const checksums = (checksum: fc.Arbitrary<string>) => ({ amd64: checksum, arm64: checksum });
/** A version other than the pinned one, with its own checksums. */
const tools: Section<"tools"> = some({
  codex: fc.record({
    version: fc.constantFrom("0.0.1", "1.22.333"),
    ...checksums(fc.stringMatching(/^sha512-[A-Za-z0-9+/]{86}==$/)),
  }),
  gh: fc.record({ version: fc.constantFrom("v0.0.1", "v1.22.333"), ...checksums(fc.stringMatching(/^[0-9a-f]{64}$/)) }),
});

const requirements = (min: number) =>
  fc.record({
    cpu: fc.tuple(fc.integer({ min: 1, max: 4000 }), fc.nat(4000)),
    memory: fc.tuple(fc.integer({ min: 1, max: min }), fc.nat(8192)),
  }).map(({ cpu: [cpu, cpuMore], memory: [memory, memoryMore] }) => ({
    cpuRequest: `${cpu}m`,
    cpuLimit: `${cpu + cpuMore}m`,
    memoryRequest: `${memory}Mi`,
    memoryLimit: `${min + memoryMore}Mi`,
  }));

const resources: Section<"resources"> = some({
  openclaw: requirements(2048),
  docker: requirements(2048),
  litellm: requirements(1024),
  cloudflared: requirements(32),
  sandbox: requirements(64),
  backup: requirements(64),
});

const envName = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,20}$/);

/** Names end in the row's number, so that they differ from each other and from the pods' own variables. */
const secrets: Section<"secrets"> = fc.array(
  fc.record({
    name: envName,
    description: line,
    reader: fc.constantFrom(...WORKLOAD_NAMES.filter((name) => name !== "sandbox")),
    env: fc.array(envName, { maxLength: 2 }),
  }, { requiredKeys: ["name", "description"] }),
  { maxLength: 4 },
).map((rows) =>
  rows.map(({ env, ...row }, index) => ({
    ...row,
    name: `${row.name}_${index}`,
    ...(env === undefined ? {} : { env: env.map((name, nth) => `${name}_${index}_${nth}`) }),
  }))
).filter((rows) => rows.every(({ name }) => !SECRETS.some((secret) => secret.name === name)));

const flowsOf = (backend: Backend): Section<"flows"> =>
  fc.array(
    fc.record({
      from: fc.constantFrom(...WORKLOAD_NAMES.filter((name) => name !== "sandbox" || backend === "ssh")),
      to: fc.oneof(
        fc.record({ namespace: dnsLabel, name: labelValue }),
        fc.record({ namespace: dnsLabel, labels: labels(1) }),
      ),
      port: fc.integer({ min: 1, max: 65535 }),
      protocol: fc.constantFrom("TCP", "UDP"),
      why: line,
    }, { requiredKeys: ["to", "port", "why"] }),
    { maxLength: 4 },
  );

const host = fc.oneof(
  fc.constant({}),
  fc.tuple(shortLabel, shortLabel, dnsName).map(([name, first, rest]) => ({
    hostname: `${name}.${first}.${rest}`,
    zone: `${first}.${rest}`,
  })),
);

const packOf = (backend: Backend): fc.Arbitrary<PackInput> =>
  fc.tuple(
    host,
    fc.record({
      aws,
      cloudflare,
      cluster: clusterOf(backend),
      argocd,
      gateway,
      discord,
      models,
      sandbox: sandboxOf[backend],
      backup,
      images,
      tools,
      resources,
      secrets,
      flows: flowsOf(backend),
    }, { requiredKeys: backend === "ssh" ? ["sandbox"] : [] }),
  ).map(([names, sections]) => ({ ...names, ...sections }))
    .filter(({ argocd, cluster, flows = [], sandbox }: PackInput) => {
      // Each namespace must be distinct.
      const own = [cluster?.namespace ?? "openclaw", sandbox?.namespace ?? "openclaw-sandbox"];
      const others = ["default", argocd?.namespace ?? "argocd", ...flows.map(({ to }) => to.namespace)];
      return own[0] !== own[1] && !own.some((name) => others.includes(name) || name.startsWith("kube-"));
    });

/** A valid pack.yaml, as the object that its YAML represents. */
export const packInput: fc.Arbitrary<PackInput> = fc.oneof(packOf("docker"), packOf("ssh"));
