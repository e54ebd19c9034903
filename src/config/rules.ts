/**
 * Rules between fields of pack.yaml, each with the reason it exists. A rule sees a configuration in which every single
 * field is right.
 *
 * @module
 */

import { OWN_ENV } from "../tables/environment.ts";
import { imageVersion } from "../values/image_reference.ts";
import { toBytes, toMillicores } from "../values/quantity.ts";
import { AWS_TARGET } from "../tables/targets.ts";
import { TOOLS } from "../tables/pins.ts";
import type { ConfigPath } from "./fault.ts";
import type { PackConfig } from "./schema.ts";
import { BUILT_IN_SECRETS, LOCAL_PASSWORD, RESERVED_NAMES, secretKey, TUNNEL_TOKEN } from "../tables/secrets.ts";

/** What a rule found; the reader adds the position. */
export interface Finding {
  readonly path: ConfigPath;
  readonly message: string;
  readonly suggestion?: string;
}

/** A rule with the fields that it looks at: where one of them is wrong by itself, the rule has nothing to say. */
interface Rule {
  readonly reads: readonly ConfigPath[];
  readonly find: (config: PackConfig) => Finding[];
}

const rule = (find: Rule["find"], ...reads: string[]): Rule => ({ find, reads: reads.map((path) => path.split(".")) });

/** Every rule; order is of no matter, since the reader sorts by position. */
export const RULES: readonly Rule[] = [
  rule(hostnameInZone, "hostname", "zone"),
  rule(dockerSandboxNeedsOlderOpenClaw, "images.openclaw", "cluster.runtime", "sandbox.backend"),
  rule(sshSandboxNeedsImage, "sandbox.image", "sandbox.backend"),
  rule(namespacesOfItsOwn, "cluster.namespace", "sandbox.namespace", "sandbox.backend", "argocd.namespace", "flows"),
  rule(accessUsersNeedAccess, "gateway"),
  rule(cloudflareDirectoryIsFree, "cloudflare.directory"),
  rule(tolerationsMatchTaints, "cluster.tolerations"),
  rule(backupNeedsOneKernel, "cluster.runtimeClassName", "sandbox.backend", "backup.enabled"),
  rule(copiesNeedBackups, "backup"),
  rule(uniqueModels, "models.list"),
  rule(uniqueSecrets, "secrets", "aws.ssmPrefix"),
  rule(uniqueEnvironment, "secrets"),
  rule(noSecretForTheSandbox, "secrets"),
  rule(dockerSandboxHasNoFlows, "flows", "sandbox.backend"),
  rule(flowsLeadOut, "flows", "cluster.namespace", "sandbox.namespace"),
  rule(flowsHaveLabels, "flows"),
  rule(requestsWithinLimits, "resources"),
  rule(enoughMemory, "resources"),
  rule(sandboxFitsDaemon, "sandbox.memory", "sandbox.backend", "resources.docker.memoryLimit"),
  rule(checksumsOfTheVersion, "tools"),
  rule(someInternet, "cluster.podCidrs", "cluster.serviceCidrs", "cluster.blockedCidrs"),
];

function hostnameInZone({ hostname, zone }: PackConfig): Finding[] {
  if (hostname.endsWith(`.${zone}`)) return [];
  if (hostname === zone) {
    const message = "is the zone itself, whose record is somebody else's; name a host in it";
    return [{ path: ["hostname"], message, suggestion: `openclaw.${zone}` }];
  }
  return [{
    path: ["hostname"],
    message: `"${hostname}" is outside the zone "${zone}", so its DNS record could not be made there`,
    suggestion: `${hostname.split(".")[0]}.${zone}`,
  }];
}

/**
 * From 2026.9.5 OpenClaw's docker backend looks for its own container, and fails closed where CRI-O leaves
 * /run/.containerenv (simulated with the real program).
 */
function dockerSandboxNeedsOlderOpenClaw({ cluster, images, sandbox }: PackConfig): Finding[] {
  if (sandbox.backend !== "docker" || cluster.runtime !== "cri-o") return [];
  const version = imageVersion(images.openclaw);
  if (compareVersions(version, "2026.9.5") < 0) return [];
  return [{
    path: ["images", "openclaw"],
    message: `OpenClaw ${version} cannot use the docker sandbox on CRI-O (from 2026.9.5 every turn fails); ` +
      `stay with 2026.9.4, or set sandbox.backend to ssh`,
  }];
}

function sshSandboxNeedsImage({ sandbox }: PackConfig): Finding[] {
  if ((sandbox.backend === "ssh") === (sandbox.image !== undefined)) return [];
  return [{
    path: ["sandbox", "image"],
    message: sandbox.backend === "ssh"
      ? "with backend ssh the sandbox pod needs an image: build and push src/generate/sandbox/ssh.Dockerfile and name it here"
      : "would have no effect: with backend docker the sandbox image is built in the pod, from images.sandboxBase",
  }];
}

/**
 * The namespaces get a policy that refuses everything and a PodSecurity level: in one that is somebody else's, that would be an
 * outage of theirs. The two differ, because a namespace has one level, and sharing it would put the sandbox under the gateway's.
 */
function namespacesOfItsOwn({ argocd, cluster, flows, sandbox }: PackConfig): Finding[] {
  const taken = new Set(["default", argocd.namespace, ...flows.map(({ to }) => to.namespace)]);
  const names = { cluster: cluster.namespace, ...(sandbox.backend === "ssh" ? { sandbox: sandbox.namespace } : {}) };
  const theirs = Object.entries(names).flatMap(([section, name]): Finding[] =>
    taken.has(name) || name.startsWith("kube-")
      ? [{
        path: [section, "namespace"],
        message: `"${name}" is somebody else's namespace, where everything would be refused; name one of its own`,
      }]
      : []
  );
  if (names.sandbox !== names.cluster) return theirs;
  return [...theirs, {
    path: ["sandbox", "namespace"],
    message: "the ssh sandbox needs a namespace of its own, other than cluster.namespace",
    suggestion: `${cluster.namespace}-sandbox`.slice(0, 63),
  }];
}

function accessUsersNeedAccess({ gateway }: PackConfig): Finding[] {
  if (gateway.auth === "cloudflare-access" || gateway.accessUsers.length === 0) return [];
  return [{
    path: ["gateway", "accessUsers"],
    message: "would have no effect: the gateway knows its users only with gateway.auth: cloudflare-access",
  }];
}

function cloudflareDirectoryIsFree({ cloudflare }: PackConfig): Finding[] {
  if (cloudflare.directory === undefined) return [];
  const [mine, theirs] = [`terraform/${cloudflare.directory}/`, `${AWS_TARGET}/`];
  if (!mine.startsWith(theirs) && !theirs.startsWith(mine)) return [];
  return [{ path: ["cloudflare", "directory"], message: `lies in ${AWS_TARGET} or around it; name another folder` }];
}

/** What the API server refuses in a pod, found before it gets there; and an `Equal` without a value, which seldom means what it does. */
function tolerationsMatchTaints({ cluster }: PackConfig): Finding[] {
  return cluster.tolerations.flatMap(({ key, operator, value, effect, tolerationSeconds }, index): Finding[] => {
    const at = (field: string, message: string): Finding => ({
      path: ["cluster", "tolerations", index, field],
      message,
    });
    return [
      ...(operator === "Equal" && key === undefined
        ? [
          at("key", "is missing: operator Equal needs the key of the taint; operator Exists without a key matches all"),
        ]
        : []),
      ...(operator === "Equal" && value === undefined
        ? [at("value", "is missing: operator Equal needs the value of the taint; write operator: Exists for any value")]
        : []),
      ...(operator === "Exists" && value !== undefined
        ? [
          at(
            "value",
            "would have no effect: operator Exists matches any value; leave it out, or write operator: Equal",
          ),
        ]
        : []),
      ...(tolerationSeconds !== undefined && effect !== "NoExecute"
        ? [at("tolerationSeconds", "goes with effect: NoExecute alone, the one effect that ends running pods")]
        : []),
    ];
  });
}

/**
 * The backup reads SQLite beside the running gateway, and the write-ahead log's index is shared memory: two kernels, as with Kata
 * or gVisor, see two of them, and each may overwrite what the other still reads (https://sqlite.org/wal.html). A RuntimeClass does
 * not tell whose kernel it has. With the ssh sandbox only the gateway's pod goes without; {@linkcode readPack} warns of it.
 */
function backupNeedsOneKernel({ backup, cluster, sandbox }: PackConfig): Finding[] {
  if (cluster.runtimeClassName === undefined || !backup.enabled || sandbox.backend === "ssh") return [];
  return [{
    path: ["cluster", "runtimeClassName"],
    message:
      "could damage the state: the backup reads SQLite beside the running gateway, which needs one kernel for both, " +
      "and Kata and gVisor bring a kernel for each pod; set backup.enabled to false (and take snapshots of the volume " +
      "instead), or sandbox.backend to ssh",
  }];
}

function copiesNeedBackups({ backup }: PackConfig): Finding[] {
  if (backup.enabled || backup.s3 === undefined) return [];
  return [{
    path: ["backup", "s3"],
    message: "would have no effect: with backup.enabled: false there is nothing to copy",
  }];
}

function uniqueModels({ models: { list } }: PackConfig): Finding[] {
  return (["id", "alias"] as const).flatMap((key) =>
    repeated(list.map((model) => model[key])).map((index): Finding => ({
      path: ["models", "list", index, key],
      message: `another model has the ${key} "${list[index]?.[key]}" already`,
    }))
  );
}

function uniqueSecrets({ secrets, aws }: PackConfig): Finding[] {
  return repeatedSecrets(secrets).map((index) => ({
    path: ["secrets", index, "name"],
    message: `two secrets would have the parameter ${aws.ssmPrefix}${secrets[index]?.name}`,
  }));
}

/** Indexes of the rows whose key in a Kubernetes Secret is the pack's own or an earlier row's. */
function repeatedSecrets(secrets: PackConfig["secrets"]): number[] {
  const keys = [...RESERVED_NAMES, ...secrets.map(({ name }) => name)].map(secretKey);
  return repeated(keys).map((index) => index - RESERVED_NAMES.length);
}

/** Two values for one environment variable of one container: only one could win, and Argo CD could apply neither. */
function uniqueEnvironment({ secrets }: PackConfig): Finding[] {
  const rows = [...BUILT_IN_SECRETS, TUNNEL_TOKEN, { readers: [LOCAL_PASSWORD] }];
  const ofSecrets = rows.flatMap(({ readers }) =>
    readers.flatMap(({ reader, env }) => env.map((name) => `${reader} ${name}`))
  );
  const ofPods = Object.entries(OWN_ENV).flatMap(([workload, names]) => names.map((name) => `${workload} ${name}`));
  const seen = new Set<string>([...ofSecrets, ...ofPods]);
  const repeats = repeatedSecrets(secrets);
  return secrets.flatMap((secret, index) => {
    // A repeated parameter is told by uniqueSecrets already.
    if (secret.env.length === 0 && repeats.includes(index)) return [];
    const names = secret.env.length > 0 ? secret.env : [secret.name];
    return names.flatMap((name, nth): Finding[] => {
      const key = `${secret.reader} ${name}`;
      if (!seen.has(key)) {
        seen.add(key);
        return [];
      }
      return [{
        path: secret.env.length > 0 ? ["secrets", index, "env", nth] : ["secrets", index, "name"],
        message: `the environment variable ${name} of ${secret.reader} is taken already`,
      }];
    });
  });
}

function noSecretForTheSandbox({ secrets }: PackConfig): Finding[] {
  return secrets.flatMap(({ reader }, index): Finding[] =>
    reader === "sandbox"
      ? [{
        path: ["secrets", index, "reader"],
        message: "the sandbox gets no secret: whatever the agent runs could read it; name another workload",
      }]
      : []
  );
}

function dockerSandboxHasNoFlows({ flows, sandbox }: PackConfig): Finding[] {
  if (sandbox.backend === "ssh") return [];
  return flows.flatMap(({ from }, index): Finding[] =>
    from === "sandbox"
      ? [{
        path: ["flows", index, "from"],
        message: "with sandbox.backend: docker the sandbox reaches no private address; " +
          "to let the gateway itself connect, name openclaw",
        suggestion: "openclaw",
      }]
      : []
  );
}

/** A row opens the way out of its source only; inside, the other end would have to let it in. */
function flowsLeadOut({ cluster, flows, sandbox }: PackConfig): Finding[] {
  return flows.flatMap(({ to }, index): Finding[] =>
    [cluster.namespace, sandbox.namespace].includes(to.namespace)
      ? [{
        path: ["flows", index, "to", "namespace"],
        message: `flows inside "${to.namespace}" are the pack's own; a row here leads to another namespace`,
      }]
      : []
  );
}

function flowsHaveLabels({ flows }: PackConfig): Finding[] {
  return flows.flatMap(({ to }, index): Finding[] => {
    const labels = Object.keys(to.labels ?? {}).length;
    if ((to.name === undefined) !== (labels === 0)) return [];
    return [{
      path: ["flows", index, "to"],
      message: to.name === undefined
        ? "expected either name or labels: without them every pod of the namespace would be open"
        : "expected either name or labels, not both",
    }];
  });
}

function requestsWithinLimits({ resources }: PackConfig): Finding[] {
  return Object.entries(resources).flatMap(([name, row]): Finding[] => [
    ...(toMillicores(row.cpuRequest) > toMillicores(row.cpuLimit)
      ? [{ path: ["resources", name, "cpuRequest"], message: `is more than cpuLimit, ${row.cpuLimit}` }]
      : []),
    ...(toBytes(row.memoryRequest) > toBytes(row.memoryLimit)
      ? [{ path: ["resources", name, "memoryRequest"], message: `is more than memoryLimit, ${row.memoryLimit}` }]
      : []),
  ]);
}

/** Limits below which the real programs were seen to be killed. */
const LEAST_MEMORY = { openclaw: "2Gi", litellm: "1Gi" } as const;

function enoughMemory({ resources }: PackConfig): Finding[] {
  return Object.entries(LEAST_MEMORY).flatMap(([name, least]): Finding[] => {
    const { memoryLimit } = resources[name as keyof typeof LEAST_MEMORY];
    if (toBytes(memoryLimit) >= toBytes(least)) return [];
    return [{
      path: ["resources", name, "memoryLimit"],
      message: `${name} gets killed for want of memory below ${least}`,
      suggestion: least,
    }];
  });
}

function sandboxFitsDaemon({ resources, sandbox }: PackConfig): Finding[] {
  if (sandbox.backend !== "docker") return [];
  if (toBytes(sandbox.memory) < toBytes(resources.docker.memoryLimit)) return [];
  return [{
    path: ["sandbox", "memory"],
    message: `one sandbox could take all of the docker daemon's ${resources.docker.memoryLimit}; ` +
      `write less, or raise resources.docker.memoryLimit`,
  }];
}

/** Else the tool would not be installed, which only the log of the gateway's pod would tell. */
function checksumsOfTheVersion({ tools }: PackConfig): Finding[] {
  return (["codex", "gh"] as const).flatMap((name) =>
    (["amd64", "arm64"] as const).flatMap((architecture): Finding[] =>
      tools[name].version !== TOOLS[name].version && tools[name][architecture] === TOOLS[name][architecture]
        ? [{
          path: ["tools", name, architecture],
          message: `is the checksum of ${name} ${TOOLS[name].version}; write that of ${tools[name].version}`,
        }]
        : []
    )
  );
}

/** Without any, a NetworkPolicy's list of targets would be empty, and an empty list lets everything through. */
function someInternet({ cluster }: PackConfig): Finding[] {
  return (["podCidrs", "serviceCidrs", "blockedCidrs"] as const).flatMap((key) =>
    cluster[key].flatMap((cidr, index): Finding[] =>
      cidr === "0.0.0.0/0"
        ? [{ path: ["cluster", key, index], message: "blocks the whole internet, and nothing works without Anthropic" }]
        : []
    )
  );
}

/** Indexes of the values that an earlier place holds already. */
function repeated(values: readonly string[]): number[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    if (seen.has(value)) return [index];
    seen.add(value);
    return [];
  });
}

/** Negative when `left` is the earlier version. Both are three numbers, perhaps with a suffix, which is left aside. */
function compareVersions(left: string, right: string): number {
  const parts = (version: string) => (version.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [a, b] = [parts(left), parts(right)];
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
