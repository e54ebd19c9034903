/**
 * What pack.yaml may say. Every field is optional; the defaults are lolice's own deployment (plan, phases 1 to 3), so that
 * an empty file generates exactly that. This one schema is the reader's, the editor's (schema/pack.schema.json) and the
 * documentation's (docs/pack-yaml.md).
 *
 * @module
 */

import * as v from "valibot";
import { IMAGES, TOOLS } from "../tables/pins.ts";
import * as format from "./formats.ts";
import { WORKLOAD_NAMES } from "../tables/workloads.ts";

type Text = v.GenericSchema<string, string>;

const text = (schema: Text, fallback: string, description: string) =>
  v.optional(v.pipe(schema, v.description(description)), fallback);
const list = <S extends v.GenericSchema>(item: S, fallback: v.InferInput<S>[], description: string) =>
  v.optional(v.pipe(v.array(item, "expected a list"), v.description(description)), () => [...fallback]);
const flag = (fallback: boolean, description: string) =>
  v.optional(v.pipe(v.boolean("expected true or false"), v.description(description)), fallback);
const choice = <const C extends readonly [string, ...string[]]>(
  choices: C,
  fallback: C[number],
  description: string,
) =>
  v.optional(
    v.pipe(v.picklist(choices, `expected one of ${choices.join(", ")}`), v.description(description)),
    fallback,
  );
const number = (minimum: number, maximum: number, fallback: number, description: string) =>
  v.optional(
    v.pipe(
      v.number("expected a number"),
      v.integer("expected a whole number"),
      v.minValue(minimum, `expected ${minimum} or more`),
      v.maxValue(maximum, `expected ${maximum} or less`),
      v.description(description),
    ),
    fallback,
  );
const section = <E extends v.ObjectEntries>(entries: E, description: string) =>
  v.pipe(v.strictObject(entries, "expected a mapping"), v.description(description));
const row = <E extends v.ObjectEntries>(entries: E) => v.strictObject(entries, "expected a mapping");
const required = (schema: Text, description: string) => v.pipe(schema, v.description(description));

const resources = (
  cpuRequest: string,
  cpuLimit: string,
  memoryRequest: string,
  memoryLimit: string,
  description: string,
) =>
  v.optional(
    section({
      cpuRequest: text(format.cpu, cpuRequest, "CPU that the scheduler sets aside."),
      cpuLimit: text(format.cpu, cpuLimit, "CPU at which the container is slowed down."),
      memoryRequest: text(format.bytes, memoryRequest, "Memory that the scheduler sets aside."),
      memoryLimit: text(format.bytes, memoryLimit, "Memory at which the container is killed."),
    }, description),
    {},
  );

const tool = (
  version: Text,
  checksum: Text,
  pin: Readonly<Record<"version" | "amd64" | "arm64", string>>,
  description: string,
) =>
  v.optional(
    section({
      version: text(version, pin.version, "Its version."),
      amd64: text(checksum, pin.amd64, "Checksum of the archive for amd64."),
      arm64: text(checksum, pin.arm64, "Checksum of the archive for arm64."),
    }, description),
    {},
  );

const workload = (description: string) =>
  v.pipe(
    v.picklist(WORKLOAD_NAMES, `expected one of ${WORKLOAD_NAMES.join(", ")}`),
    v.description(description),
  );

const usd = (fallback: number, description: string) =>
  v.optional(
    v.pipe(
      v.number("expected a number"),
      v.minValue(0.01, "expected 0.01 or more"),
      v.maxValue(1_000_000, "expected 1000000 or less"),
      v.description(description),
    ),
    fallback,
  );

/** The periods of a budget; each begins at midnight UTC: every day, on Mondays, or on the first of a month. */
export const BUDGET_PERIODS = ["day", "week", "month"] as const;

const perMillionTokens = (description: string) =>
  v.pipe(
    v.number("expected a number"),
    v.minValue(0, "expected 0 or more"),
    v.maxValue(10_000, "expected 10000 or less"),
    v.description(description),
  );

const ModelSchema = row({
  id: required(format.modelId, "Name of the model at Anthropic, and the name that LiteLLM gives it."),
  name: required(format.line, "Name shown to people."),
  alias: required(format.alias, "Short name for switching models in a chat."),
  reasoning: flag(true, "Whether the model thinks before it answers."),
  contextWindow: number(1000, 10_000_000, 200_000, "Context in tokens."),
  maxTokens: number(
    100,
    1_000_000,
    64_000,
    "Longest answer in tokens, thinking included. LiteLLM refuses a request that asks for more.",
  ),
  price: v.optional(
    section({
      input: perMillionTokens(
        "USD for a million tokens of input. Write `price` for a model that LiteLLM's own list of prices lacks: it does not start without one.",
      ),
      output: perMillionTokens("USD for a million tokens of output."),
    }, "Price for `models.budget`, when LiteLLM's own list lacks the model. LiteLLM does not start without one."),
  ),
});

const SecretSchema = row({
  name: required(
    format.envName,
    "Name of the SSM parameter below aws.ssmPrefix, of the key in the Kubernetes Secret and of the environment variable.",
  ),
  reader: v.optional(workload("The one workload that gets it."), "openclaw"),
  description: required(format.line, "What it is for; becomes the parameter's description."),
  env: list(format.envName, [], "Names of the environment variables instead of `name`, when programs want others."),
});

/** When a node with a matching taint turns pods away: for new ones, rather not for new ones, for running ones too. */
const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;

const TolerationSchema = row({
  key: v.optional(v.pipe(
    format.labelKey,
    v.description("Key of the taint. Only `operator: Exists` can leave it out, and then matches every taint."),
  )),
  operator: choice(
    ["Equal", "Exists"],
    "Equal",
    "Whether the taint's value has to be `value`, or any value will do.",
  ),
  value: v.optional(v.pipe(format.labelValue, v.description("With `operator: Equal`: value of the taint."))),
  effect: v.optional(v.pipe(
    v.picklist(TAINT_EFFECTS, `expected one of ${TAINT_EFFECTS.join(", ")}`),
    v.description("Effect of the taint. Without it, every effect is tolerated."),
  )),
  tolerationSeconds: v.optional(v.pipe(
    v.number("expected a number"),
    v.integer("expected a whole number"),
    v.minValue(0, "expected 0 or more"),
    v.description(
      "With `effect: NoExecute`: how many seconds a pod may stay after the taint is set. Without it, the pod is never evicted.",
    ),
  )),
});

const FlowSchema = row({
  from: v.optional(workload("The workload that opens the connection."), "openclaw"),
  to: v.pipe(
    row({
      namespace: required(format.dnsLabel, "Namespace of the target."),
      name: v.optional(v.pipe(
        format.labelValue,
        v.description("Value of the label app.kubernetes.io/name of the target's pods."),
      )),
      labels: v.optional(v.pipe(
        v.record(format.labelKey, format.labelValue, "expected a mapping of labels"),
        v.description("Labels of the target's pods, where app.kubernetes.io/name does not tell them apart."),
      )),
    }),
    v.description("Pods of another namespace."),
  ),
  port: v.pipe(format.port, v.description("Port of the target's pods (the Service's targetPort, not its port).")),
  protocol: choice(["TCP", "UDP"], "TCP", "Transport protocol."),
  why: required(format.line, "The reason, which ends up beside the rule in the NetworkPolicy."),
});

const GithubOrganizationSchema = row({
  name: required(format.githubName, "The organisation at GitHub; Cloudflare's GitHub app must be installed in it."),
  team: v.optional(v.pipe(format.githubName, v.description("Only this team of it, by its slug."))),
});

/** The kinds of groups that Cloudflare Access knows; `access` is a group of its own, by ID. */
export const GROUP_KINDS = ["okta", "azure", "gsuite", "access"] as const;

const GroupSchema = row({
  kind: v.pipe(
    v.picklist(GROUP_KINDS, `expected one of ${GROUP_KINDS.join(", ")}`),
    v.description(
      "Whose group it is: the identity provider's (okta, azure, gsuite), or one made in Cloudflare Access.",
    ),
  ),
  id: required(
    format.line,
    "What the provider knows it by: a name (okta), an object ID (azure), an address (gsuite), a group's ID (access).",
  ),
});

/** The schema of pack.yaml. */
export const PackSchema = v.strictObject({
  hostname: text(format.dnsName, "openclaw.b0xp.io", "Public host name of the assistant; lies in `zone`."),
  zone: text(format.dnsName, "b0xp.io", "DNS zone at Cloudflare; names the Terraform directory, too."),

  aws: v.optional(
    section({
      accountId: text(format.awsAccountId, "839695154978", "Account that holds the SSM parameters."),
      region: text(format.awsRegion, "ap-northeast-1", "Region of the parameters and of both buckets."),
      stateBucket: text(format.bucket, "tfaction-state", "S3 bucket of Terraform's state."),
      historyBucket: text(format.bucket, "tfaction-history", "S3 bucket of tfmigrate's history."),
      ssmPrefix: text(format.ssmPrefix, "/lolice/openclaw/", "What every parameter's name begins with."),
    }, "Where the secrets live."),
    {},
  ),

  cloudflare: v.optional(
    section({
      provider: v.optional(
        v.pipe(
          v.picklist([4, 5], "expected 4 or 5"),
          v.description(
            "Major version of Cloudflare's Terraform provider; docs/operations.md tells how a live state goes from 4 to 5.",
          ),
        ),
        4,
      ),
      accountId: text(format.cloudflareId, "1984a4314b3e75f3bedce97c7a8e0c81", "Account of the tunnel."),
      zoneId: text(format.cloudflareId, "ec593206d0ef695c3aae3a4cb3173264", "ID of `zone`."),
      identityProvider: text(format.line, "GitHub", "Name of the login method that Access admits."),
      sessionDuration: text(format.duration, "24h", "How long a login lasts."),
      directory: v.optional(v.pipe(
        format.gitPath,
        v.description(
          "Folder below `terraform/` instead of `cloudflare/<zone>/openclaw`, when tfaction's label for that gets too long. " +
            "The key of the state follows it.",
        ),
      )),
      access: v.optional(
        section({
          emails: list(format.email, [], "Addresses to admit."),
          githubOrganizations: list(GithubOrganizationSchema, [], "Organisations at GitHub whose members to admit."),
          groups: list(GroupSchema, [], "Groups whose members to admit."),
          healthToken: flag(
            false,
            "Whether a monitor may ask `/healthz`, and nothing else, with a service token instead of a login.",
          ),
        }, "Who of those who log in by `identityProvider` is admitted. With nothing listed, everyone who can."),
        {},
      ),
    }, "The way in from outside."),
    {},
  ),

  cluster: v.optional(
    section({
      runtime: choice(
        ["cri-o", "containerd"],
        "cri-o",
        "Container runtime of the nodes; decides which OpenClaw works with the docker sandbox.",
      ),
      namespace: text(format.dnsLabel, "openclaw", "Namespace of everything but the ssh sandbox."),
      storageClass: text(format.objectName, "longhorn", "StorageClass of the state volume."),
      storageSize: text(format.bytes, "10Gi", "Size of the state volume."),
      secretStore: text(format.objectName, "parameterstore", "ClusterSecretStore of External Secrets that reads SSM."),
      nodeSelector: v.optional(
        v.pipe(
          v.record(format.labelKey, format.labelValue, "expected a mapping of labels"),
          v.description("Labels of the nodes for the gateway."),
        ),
        { "kubernetes.io/arch": "amd64" },
      ),
      tolerations: list(
        TolerationSchema,
        [],
        "Taints of the gateway's own node that its pod tolerates, and with it the backup's, a restore's and the ssh sandbox's. " +
          "A toleration admits the pod to the node; `nodeSelector` is what brings it there. In overlays/prod only.",
      ),
      keysApart: choice(
        ["required", "preferred", "off"],
        "required",
        "Whether LiteLLM and cloudflared, which hold keys, run on other nodes than the pods that run the agent's commands: " +
          "whoever takes over a node reads the Secrets of its pods. `required` needs two nodes or more, and leaves a pod " +
          "Pending rather than break the rule. In overlays/prod only.",
      ),
      runtimeClassName: v.optional(v.pipe(
        format.objectName,
        v.description(
          "RuntimeClass, such as Kata's or gVisor's, of the pods that run the agent's commands: the gateway's and the ssh " +
            "sandbox's. The gateway's pod cannot have one with `backup.enabled`: the backup reads SQLite beside it, which needs " +
            "one kernel for both. In overlays/prod only.",
        ),
      )),
      userNamespaces: flag(
        false,
        "Whether every pod that needs no privilege gets a user namespace (`hostUsers: false`), so that its users are nobody on " +
          "the node. Needs Kubernetes 1.33, containerd 2 or CRI-O, Linux 6.3 and volumes with idmapped mounts (not NFS). " +
          "Not for the gateway with the docker sandbox, nor for pods with `runtimeClassName`. In overlays/prod only.",
      ),
      podCidrs: v.optional(
        v.pipe(
          v.array(format.cidr, "expected a list"),
          v.minLength(1, "expected one network or more"),
          v.description(
            "Networks of the pods: where the gateway takes forwarded addresses from, and never part of the internet.",
          ),
        ),
        () => ["10.244.0.0/16"],
      ),
      serviceCidrs: list(format.cidr, ["10.96.0.0/12"], "Networks of the Services; never part of the internet."),
      blockedCidrs: list(
        format.cidr,
        [],
        "Further networks that no pod may reach, such as public addresses of your nodes.",
      ),
      nodeLocalDns: v.optional(v.pipe(
        format.ipAddress,
        v.description("Address of NodeLocal DNSCache, where the cluster has one (usually 169.254.20.10)."),
      )),
    }, "What is particular to the cluster."),
    {},
  ),

  argocd: v.optional(
    section({
      repoUrl: text(format.repoUrl, "git@github.com:boxp/lolice.git", "Repository that Argo CD reads."),
      targetRevision: text(format.gitRevision, "HEAD", "Branch, tag or commit."),
      path: text(format.gitPath, "argoproj/openclaw", "Folder there that takes `base` and `overlays`."),
      project: text(format.dnsLabel, "default", "Argo CD project."),
      namespace: text(format.dnsLabel, "argocd", "Namespace of Argo CD."),
    }, "The Argo CD Application of overlays/prod."),
    {},
  ),

  gateway: v.optional(
    section({
      auth: choice(
        ["token", "cloudflare-access"],
        "token",
        "Who may use the web UI: holders of the gateway token, or whoever Cloudflare Access let in.",
      ),
      accessUsers: list(
        format.email,
        [],
        "With `auth: cloudflare-access`: the only e-mail addresses to admit. Empty admits everyone whom Access admits.",
      ),
    }, "OpenClaw's gateway."),
    {},
  ),

  discord: v.optional(
    section({
      enabled: flag(true, "Whether the assistant is on Discord."),
      allowFrom: list(
        format.discordId,
        [],
        "IDs of the Discord users who may talk to it, and who may ask for an elevated session. Empty admits nobody.",
      ),
    }, "Discord."),
    {},
  ),

  models: v.optional(
    v.pipe(
      v.strictObject({
        list: v.optional(
          v.pipe(
            v.array(ModelSchema, "expected a list"),
            v.minLength(1, "expected one model or more"),
            v.description("Models behind LiteLLM. The first answers; the others stand in for it, in their order."),
          ),
          () => [
            {
              id: "claude-sonnet-4-5-20250929",
              name: "Claude Sonnet 4.5",
              alias: "sonnet",
              reasoning: true,
              contextWindow: 200_000,
              maxTokens: 64_000,
            },
            {
              id: "claude-opus-4-6",
              name: "Claude Opus 4.6",
              alias: "opus",
              reasoning: true,
              contextWindow: 200_000,
              maxTokens: 32_000,
            },
          ],
        ),
        budget: v.optional(
          section({
            usd: usd(
              100,
              "US dollars that the models may cost in one period. At the limit the assistant says so, and asks no model until the period ends.",
            ),
            per: choice(BUDGET_PERIODS, "month", "The period: a calendar day, week (from Monday) or month, in UTC."),
          }, "What the models may cost."),
          {},
        ),
        requestsPerMinute: number(
          1,
          10_000,
          120,
          "Requests to the models in any minute; the key proxy answers 429 beyond that.",
        ),
      }, "expected a mapping"),
      v.description("The models, and how much of them the assistant may use."),
    ),
    {},
  ),

  sandbox: v.optional(
    section({
      backend: choice(
        ["docker", "ssh"],
        "docker",
        "Where the agent's commands run: docker is a daemon in the gateway's pod (privileged, shares the workspace); " +
          "ssh is an unprivileged pod in a namespace of its own.",
      ),
      memory: text(format.bytes, "1Gi", "With `backend: docker`: memory of one sandbox."),
      cpus: number(1, 64, 1, "With `backend: docker`: CPU cores of one sandbox."),
      pids: number(32, 32_768, 256, "With `backend: docker`: processes in one sandbox at a time."),
      diskSize: text(
        format.bytes,
        "20Gi",
        "Space for the docker daemon's images and containers, or for the ssh sandboxes.",
      ),
      image: v.optional(v.pipe(
        format.image,
        v.description(
          "With `backend: ssh`: the image of the sandbox pod, built from src/generate/sandbox/ssh.Dockerfile.",
        ),
      )),
      namespace: text(format.dnsLabel, "openclaw-sandbox", "With `backend: ssh`: the namespace of its pod."),
    }, "Where the agent's commands run."),
    {},
  ),

  backup: v.optional(
    section({
      enabled: flag(true, "Whether the state is backed up."),
      schedule: text(format.cronSchedule, "17 3 * * *", "When, in cron's five fields."),
      timeZone: text(format.timeZone, "Asia/Tokyo", "Time zone of the schedule."),
      keep: number(1, 365, 7, "How many archives stay on the state volume: the newest."),
      s3: v.optional(
        section({
          bucket: required(
            format.bucket,
            "An S3 bucket of yours, where each archive is copied to; its lifecycle rule says for how long.",
          ),
          prefix: text(format.s3Prefix, "openclaw", "Folder in the bucket."),
          region: v.optional(
            v.pipe(format.awsRegion, v.description("Region of the bucket, where it is not `aws.region`.")),
          ),
        }, "A copy of every archive in S3, which a lost volume does not take along. Without it there is none."),
      ),
    }, "Archives of OpenClaw's state, made and verified beside the running gateway."),
    {},
  ),

  images: v.optional(
    section({
      openclaw: text(format.versionedImage, IMAGES.openclaw, "The gateway."),
      litellm: text(format.versionedImage, IMAGES.litellm, "LiteLLM, the proxy in front of the models."),
      keyProxy: text(
        format.versionedImage,
        IMAGES.keyProxy,
        "HAProxy in LiteLLM's pod: it holds the Anthropic key and checks requests before LiteLLM reads them.",
      ),
      cloudflared: text(format.versionedImage, IMAGES.cloudflared, "The tunnel's client."),
      docker: text(format.versionedImage, IMAGES.docker, "Docker-in-Docker, and the client of the gateway's pod."),
      rclone: text(format.versionedImage, IMAGES.rclone, "With `backup.s3`: what copies the archives."),
      sandboxBase: text(
        format.image,
        IMAGES.sandboxBase,
        "What the sandbox image is built from; Debian or a relative of it.",
      ),
    }, "Images, each with an exact version, a digest, or both."),
    {},
  ),

  tools: v.optional(
    section(
      {
        codex: tool(
          format.npmVersion,
          format.npmIntegrity,
          TOOLS.codex,
          "Codex CLI, from npm (`@openai/codex`); checksums are npm's integrity, sha512-...",
        ),
        gh: tool(
          format.releaseTag,
          format.sha256,
          TOOLS.gh,
          "GitHub CLI, from its release at GitHub; checksums are the release's own, SHA-256.",
        ),
      },
      "Command line tools of the gateway's container, installed once onto the state volume. Another version needs its checksums.",
    ),
    {},
  ),

  resources: v.optional(
    section({
      // Limits of the gateway and of dockerd are the plan's; OpenClaw alone was seen to need 0.4 to 1.5 GiB.
      openclaw: resources("500m", "2", "1Gi", "4Gi", "The gateway."),
      docker: resources("250m", "2", "512Mi", "2Gi", "The docker daemon with all its sandboxes."),
      // 512Mi was not enough (plan, Wave 3: OOMKilled); the CPU limit only shortens the start, 12 s of a whole core.
      litellm: resources("100m", "2", "512Mi", "1Gi", "LiteLLM."),
      // 15 MiB at rest; a connection takes 33 KiB while it is in use, and 2000 fit.
      keyProxy: resources("20m", "500m", "32Mi", "128Mi", "The key proxy."),
      cloudflared: resources("50m", "200m", "64Mi", "128Mi", "The tunnel's client."),
      sandbox: resources("100m", "1", "128Mi", "1Gi", "With `backend: ssh`: the sandbox pod."),
      // Seen at 340 MiB with a small state.
      backup: resources("50m", "1", "384Mi", "1Gi", "The nightly backup, while it runs."),
    }, "CPU and memory of the containers."),
    {},
  ),

  secrets: v.optional(
    v.pipe(
      v.array(SecretSchema, "expected a list"),
      v.description(
        "Further secrets. Each row becomes an SSM parameter, a key of its reader's Secret, an environment variable and a line of the fake store.",
      ),
    ),
    () => [],
  ),
  flows: v.optional(
    v.pipe(
      v.array(FlowSchema, "expected a list"),
      v.description(
        "Further connections to pods of the cluster. Everything that has no row is blocked. " +
          "The docker sandbox gets none of them, whatever the gateway gets.",
      ),
    ),
    () => [],
  ),
}, "expected a mapping");

/** A pack.yaml that was read: every field is there. */
export type PackConfig = v.InferOutput<typeof PackSchema>;
/** A pack.yaml as it is written: every field may be missing. */
export type PackInput = v.InferInput<typeof PackSchema>;
