// Generated from src/config/schema.ts by `deno task docs`. Do not edit.

/**
 * The types of pack.yaml.
 *
 * @module
 */

/** A pack.yaml that was read: every field is there. */
export interface PackConfig {
  /** Public host name of the assistant, inside `zone`. */
  hostname: string;
  /** DNS zone at Cloudflare; also names the Terraform directory. */
  zone: string;
  /** The AWS account that holds the secrets and Terraform's state. */
  aws: {
    /** Account that holds the SSM parameters. */
    accountId: string;
    /** Region of the parameters and of both buckets. */
    region: string;
    /** S3 bucket of Terraform's state. */
    stateBucket: string;
    /** S3 bucket of tfmigrate's history. */
    historyBucket: string;
    /** Prefix of every parameter's name. */
    ssmPrefix: string;
  };
  /** Access from the internet: the tunnel and the login. */
  cloudflare: {
    /** Major version of Cloudflare's Terraform provider; docs/operations.md explains how to migrate a live state from 4 to 5. */
    provider: 4 | 5;
    /** Account of the tunnel. */
    accountId: string;
    /** ID of `zone`. */
    zoneId: string;
    /** Name of the login method that Access admits. */
    identityProvider: string;
    /** How long a login lasts. */
    sessionDuration: string;
    /** Folder below `terraform/` to use instead of `cloudflare/<zone>/openclaw`, if tfaction's label for that is too long. The key of the state contains it too. */
    directory?: string | undefined;
    /** Which users who log in with `identityProvider` are admitted. If nothing is listed, everyone who can log in. */
    access: {
      /** Addresses to admit. */
      emails: string[];
      /** GitHub organisations whose members to admit. */
      githubOrganizations: {
        /** The GitHub organisation; Cloudflare's GitHub app must be installed in it. */
        name: string;
        /** The slug of a team, to admit only its members. */
        team?: string | undefined;
      }[];
      /** Groups whose members to admit. */
      groups: {
        /** Where the group is defined: at the identity provider (okta, azure, gsuite), or in Cloudflare Access (access). */
        kind: "okta" | "azure" | "gsuite" | "access";
        /** The provider's identifier of the group: a name (okta), an object ID (azure), an address (gsuite) or a group ID (access). */
        id: string;
      }[];
      /** Whether a monitor may request `/healthz`, and nothing else, with a service token instead of a login. */
      healthToken: boolean;
    };
  };
  /** The cluster: nodes, networks and storage. */
  cluster: {
    /** Container runtime of the nodes; determines which versions of OpenClaw work with the docker sandbox. */
    runtime: "cri-o" | "containerd";
    /** Namespace of everything except the ssh sandbox. */
    namespace: string;
    /** StorageClass of the volumes. */
    storageClass: string;
    /** Size of the state volume. */
    storageSize: string;
    /** Size of the volume with the agent's workspace. */
    workspaceSize: string;
    /** ClusterSecretStore of External Secrets that reads SSM. */
    secretStore: string;
    /** Labels of the nodes for the gateway. */
    nodeSelector: Record<string, string>;
    /** Taints of the gateway's node that its pod tolerates, as do the pods of the backup, a restore and the ssh sandbox. A toleration admits the pod to the node; `nodeSelector` schedules it there. In overlays/prod only. */
    tolerations: {
      /** Key of the taint. It may be omitted only with `operator: Exists`, which then matches every taint. */
      key?: string | undefined;
      /** Whether the taint's value must equal `value` or may be any value. */
      operator: "Equal" | "Exists";
      /** Value of the taint, with `operator: Equal`. */
      value?: string | undefined;
      /** Effect of the taint. Without it, every effect is tolerated. */
      effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute" | undefined;
      /** How many seconds a pod may stay after the taint is set, with `effect: NoExecute`. Without it, the pod is never evicted. */
      tolerationSeconds?: number | undefined;
    }[];
    /** Whether LiteLLM and cloudflared, which hold keys, run on other nodes than the pods that run the agent's commands: an attacker who controls a node can read the Secrets of its pods. `required` needs at least two nodes, and leaves a pod Pending rather than break the rule. In overlays/prod only. */
    keysApart: "required" | "preferred" | "off";
    /** RuntimeClass, such as Kata's or gVisor's, of the pods that run the agent's commands: the gateway's and the ssh sandbox's. The gateway's pod cannot have one with `backup.enabled`: the backup reads SQLite while the gateway runs, which requires that both share a kernel. In overlays/prod only. */
    runtimeClassName?: string | undefined;
    /** Whether every pod that needs no privilege has a user namespace (`hostUsers: false`), so that its users have no rights on the node. Requires Kubernetes 1.33, containerd 2 or CRI-O, Linux 6.3 and volumes with idmapped mounts (not NFS). Not for the gateway with the docker sandbox, nor for pods with `runtimeClassName`. In overlays/prod only. */
    userNamespaces: boolean;
    /** Networks of the pods. The gateway accepts forwarded addresses from them, and they are never part of the internet. */
    podCidrs: string[];
    /** Networks of the Services; never part of the internet. */
    serviceCidrs: string[];
    /** Additional networks that no pod may reach, such as public addresses of your nodes. */
    blockedCidrs: string[];
    /** Address of NodeLocal DNSCache, if the cluster runs it (usually 169.254.20.10). */
    nodeLocalDns?: string | undefined;
  };
  /** The Argo CD Application of overlays/prod. */
  argocd: {
    /** Repository that Argo CD reads. */
    repoUrl: string;
    /** Branch, tag or commit. */
    targetRevision: string;
    /** Folder of the repository that contains `base` and `overlays`. */
    path: string;
    /** Argo CD project. */
    project: string;
    /** Namespace of Argo CD. */
    namespace: string;
  };
  /** OpenClaw's gateway. */
  gateway: {
    /** Who may use the web UI: holders of the gateway token, or everyone whom Cloudflare Access admits. */
    auth: "token" | "cloudflare-access";
    /** With `auth: cloudflare-access`: the only e-mail addresses to admit. Empty admits everyone whom Access admits. */
    accessUsers: string[];
  };
  /** Discord. */
  discord: {
    /** Whether the assistant is on Discord. */
    enabled: boolean;
    /** IDs of the Discord users who may talk to the assistant. Empty admits no one. */
    allowFrom: string[];
    /** IDs of the users in `allowFrom` who may allow a command outside the sandbox. Each command waits until one of them approves it in a direct message. Empty keeps every command in the sandbox. */
    elevated: string[];
    /** npm's integrity of `@openclaw/discord` at the version of `images.openclaw`: `npm view @openclaw/discord@VERSION dist.integrity`. */
    pluginIntegrity: string;
  };
  /** The models, and limits on their use. */
  models: {
    /** Models behind LiteLLM. The first one answers; the others are fallbacks, in this order. */
    list: {
      /** Name of the model at Anthropic, which LiteLLM uses too. */
      id: string;
      /** Name shown to people. */
      name: string;
      /** Short name for switching models in a chat. */
      alias: string;
      /** Whether the model thinks before it answers. */
      reasoning: boolean;
      /** Context window in tokens. */
      contextWindow: number;
      /** Maximum length of an answer in tokens, including thinking. LiteLLM refuses a request for more. */
      maxTokens: number;
      /** Price for `models.budget`. It is required for a model that LiteLLM's own list of prices lacks: LiteLLM does not start without it. */
      price?: {
        /** USD for a million tokens of input. */
        input: number;
        /** USD for a million tokens of output. */
        output: number;
      } | undefined;
    }[];
    /** What the models may cost. */
    budget: {
      /** US dollars that the models may cost in one period. At the limit the assistant says so, and calls no model until the period ends. */
      usd: number;
      /** The period: a calendar day, week (from Monday) or month, in UTC. */
      per: "day" | "week" | "month";
    };
    /** Maximum number of requests to the models in any minute; the key proxy answers further requests with 429. */
    requestsPerMinute: number;
  };
  /** Where the agent's commands run. */
  sandbox: {
    /** Where the agent's commands run: docker is a daemon in the gateway's pod (privileged, sharing the workspace); ssh is an unprivileged pod in a separate namespace. */
    backend: "docker" | "ssh";
    /** Memory of one sandbox, with `backend: docker`. */
    memory: string;
    /** CPU cores of one sandbox, with `backend: docker`. */
    cpus: number;
    /** Maximum number of processes in one sandbox, with `backend: docker`. */
    pids: number;
    /** Space for the docker daemon's images and containers, or for the ssh sandboxes. */
    diskSize: string;
    /** Image of the sandbox pod, with `backend: ssh`; built from src/generate/sandbox/ssh.Dockerfile. */
    image?: string | undefined;
    /** Namespace of the sandbox pod, with `backend: ssh`. */
    namespace: string;
  };
  /** Archives of OpenClaw's state and workspace, created and tested while the gateway runs. */
  backup: {
    /** Whether the state and the workspace are backed up. */
    enabled: boolean;
    /** When the backup runs, in cron's five fields. */
    schedule: string;
    /** Time zone of the schedule. */
    timeZone: string;
    /** How many good archives stay on their volume. Older ones are deleted. */
    keep: number;
    /** Size of the volume with the archives. A restore test also unpacks the newest one there. */
    storageSize: string;
    /** Copies every good archive to S3, so that the archives survive the loss of the volume. Without this section nothing is copied. */
    s3?: {
      /** Your S3 bucket, to which each good archive is copied. Its lifecycle rule decides how long copies are kept. */
      bucket: string;
      /** Folder in the bucket. */
      prefix: string;
      /** Region of the bucket, if it is not `aws.region`. */
      region?: string | undefined;
    } | undefined;
  };
  /** Images, each with an exact version, a digest, or both. */
  images: {
    /** The gateway. */
    openclaw: string;
    /** LiteLLM, the proxy in front of the models. */
    litellm: string;
    /** HAProxy in LiteLLM's pod: it holds the Anthropic key and checks requests before LiteLLM reads them. */
    keyProxy: string;
    /** The tunnel's client. */
    cloudflared: string;
    /** Docker-in-Docker, and the docker client of the gateway's pod. */
    docker: string;
    /** rclone, which copies the archives with `backup.s3`. */
    rclone: string;
    /** Base of the sandbox image; Debian or a derivative. */
    sandboxBase: string;
  };
  /** Command line tools of the gateway's container, installed once on the state volume. Another version needs its own checksums. */
  tools: {
    /** Codex CLI, from npm (`@openai/codex`); checksums are npm's integrity, sha512-... */
    codex: {
      /** Its version. */
      version: string;
      /** Checksum of the archive for amd64. */
      amd64: string;
      /** Checksum of the archive for arm64. */
      arm64: string;
    };
    /** GitHub CLI, from its release on GitHub; checksums are the release's SHA-256. */
    gh: {
      /** Its version. */
      version: string;
      /** Checksum of the archive for amd64. */
      amd64: string;
      /** Checksum of the archive for arm64. */
      arm64: string;
    };
  };
  /** CPU and memory of the containers. */
  resources: {
    /** The gateway. */
    openclaw: {
      /** CPU that the scheduler reserves. */
      cpuRequest: string;
      /** CPU above which the container is throttled. */
      cpuLimit: string;
      /** Memory that the scheduler reserves. */
      memoryRequest: string;
      /** Memory above which the container is killed. */
      memoryLimit: string;
    };
    /** The docker daemon, including all sandboxes. */
    docker: {
      /** CPU that the scheduler reserves. */
      cpuRequest: string;
      /** CPU above which the container is throttled. */
      cpuLimit: string;
      /** Memory that the scheduler reserves. */
      memoryRequest: string;
      /** Memory above which the container is killed. */
      memoryLimit: string;
    };
    /** LiteLLM. */
    litellm: {
      /** CPU that the scheduler reserves. */
      cpuRequest: string;
      /** CPU above which the container is throttled. */
      cpuLimit: string;
      /** Memory that the scheduler reserves. */
      memoryRequest: string;
      /** Memory above which the container is killed. */
      memoryLimit: string;
    };
    /** The key proxy. */
    keyProxy: {
      /** CPU that the scheduler reserves. */
      cpuRequest: string;
      /** CPU above which the container is throttled. */
      cpuLimit: string;
      /** Memory that the scheduler reserves. */
      memoryRequest: string;
      /** Memory above which the container is killed. */
      memoryLimit: string;
    };
    /** The tunnel's client. */
    cloudflared: {
      /** CPU that the scheduler reserves. */
      cpuRequest: string;
      /** CPU above which the container is throttled. */
      cpuLimit: string;
      /** Memory that the scheduler reserves. */
      memoryRequest: string;
      /** Memory above which the container is killed. */
      memoryLimit: string;
    };
    /** The sandbox pod, with `backend: ssh`. */
    sandbox: {
      /** CPU that the scheduler reserves. */
      cpuRequest: string;
      /** CPU above which the container is throttled. */
      cpuLimit: string;
      /** Memory that the scheduler reserves. */
      memoryRequest: string;
      /** Memory above which the container is killed. */
      memoryLimit: string;
    };
    /** The nightly backup, while it runs. */
    backup: {
      /** CPU that the scheduler reserves. */
      cpuRequest: string;
      /** CPU above which the container is throttled. */
      cpuLimit: string;
      /** Memory that the scheduler reserves. */
      memoryRequest: string;
      /** Memory above which the container is killed. */
      memoryLimit: string;
    };
  };
  /** Additional secrets. Each row becomes an SSM parameter, a key of its reader's Secret, an environment variable and an entry of the fake store. */
  secrets: {
    /** Name of the SSM parameter below aws.ssmPrefix, of the key in the Kubernetes Secret and of the environment variable. */
    name: string;
    /** The only workload that receives it. */
    reader: "openclaw" | "litellm" | "cloudflared" | "sandbox";
    /** Its purpose; becomes the parameter's description. */
    description: string;
    /** Names of the environment variables, if programs read it under names other than `name`. */
    env: string[];
  }[];
  /** Additional connections to pods of the cluster. Every connection without a row is blocked. The docker sandbox has none of them, even if the gateway does. */
  flows: {
    /** The workload that opens the connection. */
    from: "openclaw" | "litellm" | "cloudflared" | "sandbox";
    /** Pods of another namespace. */
    to: {
      /** Namespace of the target. */
      namespace: string;
      /** Value of the label app.kubernetes.io/name of the target's pods. */
      name?: string | undefined;
      /** Labels of the target's pods, if app.kubernetes.io/name does not identify them. */
      labels?: Record<string, string> | undefined;
    };
    /** Port of the target's pods (the Service's targetPort, not its port). */
    port: number;
    /** Transport protocol. */
    protocol: "TCP" | "UDP";
    /** The reason, which becomes the comment of the rule in the NetworkPolicy. */
    why: string;
  }[];
}

/** A pack.yaml as it is written: every field may be missing. */
export interface PackInput {
  /** Public host name of the assistant, inside `zone`. */
  hostname?: string | undefined;
  /** DNS zone at Cloudflare; also names the Terraform directory. */
  zone?: string | undefined;
  /** The AWS account that holds the secrets and Terraform's state. */
  aws?: {
    /** Account that holds the SSM parameters. */
    accountId?: string | undefined;
    /** Region of the parameters and of both buckets. */
    region?: string | undefined;
    /** S3 bucket of Terraform's state. */
    stateBucket?: string | undefined;
    /** S3 bucket of tfmigrate's history. */
    historyBucket?: string | undefined;
    /** Prefix of every parameter's name. */
    ssmPrefix?: string | undefined;
  } | undefined;
  /** Access from the internet: the tunnel and the login. */
  cloudflare?: {
    /** Major version of Cloudflare's Terraform provider; docs/operations.md explains how to migrate a live state from 4 to 5. */
    provider?: 4 | 5 | undefined;
    /** Account of the tunnel. */
    accountId?: string | undefined;
    /** ID of `zone`. */
    zoneId?: string | undefined;
    /** Name of the login method that Access admits. */
    identityProvider?: string | undefined;
    /** How long a login lasts. */
    sessionDuration?: string | undefined;
    /** Folder below `terraform/` to use instead of `cloudflare/<zone>/openclaw`, if tfaction's label for that is too long. The key of the state contains it too. */
    directory?: string | undefined;
    /** Which users who log in with `identityProvider` are admitted. If nothing is listed, everyone who can log in. */
    access?: {
      /** Addresses to admit. */
      emails?: string[] | undefined;
      /** GitHub organisations whose members to admit. */
      githubOrganizations?: {
        /** The GitHub organisation; Cloudflare's GitHub app must be installed in it. */
        name: string;
        /** The slug of a team, to admit only its members. */
        team?: string | undefined;
      }[] | undefined;
      /** Groups whose members to admit. */
      groups?: {
        /** Where the group is defined: at the identity provider (okta, azure, gsuite), or in Cloudflare Access (access). */
        kind: "okta" | "azure" | "gsuite" | "access";
        /** The provider's identifier of the group: a name (okta), an object ID (azure), an address (gsuite) or a group ID (access). */
        id: string;
      }[] | undefined;
      /** Whether a monitor may request `/healthz`, and nothing else, with a service token instead of a login. */
      healthToken?: boolean | undefined;
    } | undefined;
  } | undefined;
  /** The cluster: nodes, networks and storage. */
  cluster?: {
    /** Container runtime of the nodes; determines which versions of OpenClaw work with the docker sandbox. */
    runtime?: "cri-o" | "containerd" | undefined;
    /** Namespace of everything except the ssh sandbox. */
    namespace?: string | undefined;
    /** StorageClass of the volumes. */
    storageClass?: string | undefined;
    /** Size of the state volume. */
    storageSize?: string | undefined;
    /** Size of the volume with the agent's workspace. */
    workspaceSize?: string | undefined;
    /** ClusterSecretStore of External Secrets that reads SSM. */
    secretStore?: string | undefined;
    /** Labels of the nodes for the gateway. */
    nodeSelector?: Record<string, string> | undefined;
    /** Taints of the gateway's node that its pod tolerates, as do the pods of the backup, a restore and the ssh sandbox. A toleration admits the pod to the node; `nodeSelector` schedules it there. In overlays/prod only. */
    tolerations?: {
      /** Key of the taint. It may be omitted only with `operator: Exists`, which then matches every taint. */
      key?: string | undefined;
      /** Whether the taint's value must equal `value` or may be any value. */
      operator?: "Equal" | "Exists" | undefined;
      /** Value of the taint, with `operator: Equal`. */
      value?: string | undefined;
      /** Effect of the taint. Without it, every effect is tolerated. */
      effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute" | undefined;
      /** How many seconds a pod may stay after the taint is set, with `effect: NoExecute`. Without it, the pod is never evicted. */
      tolerationSeconds?: number | undefined;
    }[] | undefined;
    /** Whether LiteLLM and cloudflared, which hold keys, run on other nodes than the pods that run the agent's commands: an attacker who controls a node can read the Secrets of its pods. `required` needs at least two nodes, and leaves a pod Pending rather than break the rule. In overlays/prod only. */
    keysApart?: "required" | "preferred" | "off" | undefined;
    /** RuntimeClass, such as Kata's or gVisor's, of the pods that run the agent's commands: the gateway's and the ssh sandbox's. The gateway's pod cannot have one with `backup.enabled`: the backup reads SQLite while the gateway runs, which requires that both share a kernel. In overlays/prod only. */
    runtimeClassName?: string | undefined;
    /** Whether every pod that needs no privilege has a user namespace (`hostUsers: false`), so that its users have no rights on the node. Requires Kubernetes 1.33, containerd 2 or CRI-O, Linux 6.3 and volumes with idmapped mounts (not NFS). Not for the gateway with the docker sandbox, nor for pods with `runtimeClassName`. In overlays/prod only. */
    userNamespaces?: boolean | undefined;
    /** Networks of the pods. The gateway accepts forwarded addresses from them, and they are never part of the internet. */
    podCidrs?: string[] | undefined;
    /** Networks of the Services; never part of the internet. */
    serviceCidrs?: string[] | undefined;
    /** Additional networks that no pod may reach, such as public addresses of your nodes. */
    blockedCidrs?: string[] | undefined;
    /** Address of NodeLocal DNSCache, if the cluster runs it (usually 169.254.20.10). */
    nodeLocalDns?: string | undefined;
  } | undefined;
  /** The Argo CD Application of overlays/prod. */
  argocd?: {
    /** Repository that Argo CD reads. */
    repoUrl?: string | undefined;
    /** Branch, tag or commit. */
    targetRevision?: string | undefined;
    /** Folder of the repository that contains `base` and `overlays`. */
    path?: string | undefined;
    /** Argo CD project. */
    project?: string | undefined;
    /** Namespace of Argo CD. */
    namespace?: string | undefined;
  } | undefined;
  /** OpenClaw's gateway. */
  gateway?: {
    /** Who may use the web UI: holders of the gateway token, or everyone whom Cloudflare Access admits. */
    auth?: "token" | "cloudflare-access" | undefined;
    /** With `auth: cloudflare-access`: the only e-mail addresses to admit. Empty admits everyone whom Access admits. */
    accessUsers?: string[] | undefined;
  } | undefined;
  /** Discord. */
  discord?: {
    /** Whether the assistant is on Discord. */
    enabled?: boolean | undefined;
    /** IDs of the Discord users who may talk to the assistant. Empty admits no one. */
    allowFrom?: string[] | undefined;
    /** IDs of the users in `allowFrom` who may allow a command outside the sandbox. Each command waits until one of them approves it in a direct message. Empty keeps every command in the sandbox. */
    elevated?: string[] | undefined;
    /** npm's integrity of `@openclaw/discord` at the version of `images.openclaw`: `npm view @openclaw/discord@VERSION dist.integrity`. */
    pluginIntegrity?: string | undefined;
  } | undefined;
  /** The models, and limits on their use. */
  models?: {
    /** Models behind LiteLLM. The first one answers; the others are fallbacks, in this order. */
    list?: {
      /** Name of the model at Anthropic, which LiteLLM uses too. */
      id: string;
      /** Name shown to people. */
      name: string;
      /** Short name for switching models in a chat. */
      alias: string;
      /** Whether the model thinks before it answers. */
      reasoning?: boolean | undefined;
      /** Context window in tokens. */
      contextWindow?: number | undefined;
      /** Maximum length of an answer in tokens, including thinking. LiteLLM refuses a request for more. */
      maxTokens?: number | undefined;
      /** Price for `models.budget`. It is required for a model that LiteLLM's own list of prices lacks: LiteLLM does not start without it. */
      price?: {
        /** USD for a million tokens of input. */
        input: number;
        /** USD for a million tokens of output. */
        output: number;
      } | undefined;
    }[] | undefined;
    /** What the models may cost. */
    budget?: {
      /** US dollars that the models may cost in one period. At the limit the assistant says so, and calls no model until the period ends. */
      usd?: number | undefined;
      /** The period: a calendar day, week (from Monday) or month, in UTC. */
      per?: "day" | "week" | "month" | undefined;
    } | undefined;
    /** Maximum number of requests to the models in any minute; the key proxy answers further requests with 429. */
    requestsPerMinute?: number | undefined;
  } | undefined;
  /** Where the agent's commands run. */
  sandbox?: {
    /** Where the agent's commands run: docker is a daemon in the gateway's pod (privileged, sharing the workspace); ssh is an unprivileged pod in a separate namespace. */
    backend?: "docker" | "ssh" | undefined;
    /** Memory of one sandbox, with `backend: docker`. */
    memory?: string | undefined;
    /** CPU cores of one sandbox, with `backend: docker`. */
    cpus?: number | undefined;
    /** Maximum number of processes in one sandbox, with `backend: docker`. */
    pids?: number | undefined;
    /** Space for the docker daemon's images and containers, or for the ssh sandboxes. */
    diskSize?: string | undefined;
    /** Image of the sandbox pod, with `backend: ssh`; built from src/generate/sandbox/ssh.Dockerfile. */
    image?: string | undefined;
    /** Namespace of the sandbox pod, with `backend: ssh`. */
    namespace?: string | undefined;
  } | undefined;
  /** Archives of OpenClaw's state and workspace, created and tested while the gateway runs. */
  backup?: {
    /** Whether the state and the workspace are backed up. */
    enabled?: boolean | undefined;
    /** When the backup runs, in cron's five fields. */
    schedule?: string | undefined;
    /** Time zone of the schedule. */
    timeZone?: string | undefined;
    /** How many good archives stay on their volume. Older ones are deleted. */
    keep?: number | undefined;
    /** Size of the volume with the archives. A restore test also unpacks the newest one there. */
    storageSize?: string | undefined;
    /** Copies every good archive to S3, so that the archives survive the loss of the volume. Without this section nothing is copied. */
    s3?: {
      /** Your S3 bucket, to which each good archive is copied. Its lifecycle rule decides how long copies are kept. */
      bucket: string;
      /** Folder in the bucket. */
      prefix?: string | undefined;
      /** Region of the bucket, if it is not `aws.region`. */
      region?: string | undefined;
    } | undefined;
  } | undefined;
  /** Images, each with an exact version, a digest, or both. */
  images?: {
    /** The gateway. */
    openclaw?: string | undefined;
    /** LiteLLM, the proxy in front of the models. */
    litellm?: string | undefined;
    /** HAProxy in LiteLLM's pod: it holds the Anthropic key and checks requests before LiteLLM reads them. */
    keyProxy?: string | undefined;
    /** The tunnel's client. */
    cloudflared?: string | undefined;
    /** Docker-in-Docker, and the docker client of the gateway's pod. */
    docker?: string | undefined;
    /** rclone, which copies the archives with `backup.s3`. */
    rclone?: string | undefined;
    /** Base of the sandbox image; Debian or a derivative. */
    sandboxBase?: string | undefined;
  } | undefined;
  /** Command line tools of the gateway's container, installed once on the state volume. Another version needs its own checksums. */
  tools?: {
    /** Codex CLI, from npm (`@openai/codex`); checksums are npm's integrity, sha512-... */
    codex?: {
      /** Its version. */
      version?: string | undefined;
      /** Checksum of the archive for amd64. */
      amd64?: string | undefined;
      /** Checksum of the archive for arm64. */
      arm64?: string | undefined;
    } | undefined;
    /** GitHub CLI, from its release on GitHub; checksums are the release's SHA-256. */
    gh?: {
      /** Its version. */
      version?: string | undefined;
      /** Checksum of the archive for amd64. */
      amd64?: string | undefined;
      /** Checksum of the archive for arm64. */
      arm64?: string | undefined;
    } | undefined;
  } | undefined;
  /** CPU and memory of the containers. */
  resources?: {
    /** The gateway. */
    openclaw?: {
      /** CPU that the scheduler reserves. */
      cpuRequest?: string | undefined;
      /** CPU above which the container is throttled. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler reserves. */
      memoryRequest?: string | undefined;
      /** Memory above which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
    /** The docker daemon, including all sandboxes. */
    docker?: {
      /** CPU that the scheduler reserves. */
      cpuRequest?: string | undefined;
      /** CPU above which the container is throttled. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler reserves. */
      memoryRequest?: string | undefined;
      /** Memory above which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
    /** LiteLLM. */
    litellm?: {
      /** CPU that the scheduler reserves. */
      cpuRequest?: string | undefined;
      /** CPU above which the container is throttled. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler reserves. */
      memoryRequest?: string | undefined;
      /** Memory above which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
    /** The key proxy. */
    keyProxy?: {
      /** CPU that the scheduler reserves. */
      cpuRequest?: string | undefined;
      /** CPU above which the container is throttled. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler reserves. */
      memoryRequest?: string | undefined;
      /** Memory above which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
    /** The tunnel's client. */
    cloudflared?: {
      /** CPU that the scheduler reserves. */
      cpuRequest?: string | undefined;
      /** CPU above which the container is throttled. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler reserves. */
      memoryRequest?: string | undefined;
      /** Memory above which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
    /** The sandbox pod, with `backend: ssh`. */
    sandbox?: {
      /** CPU that the scheduler reserves. */
      cpuRequest?: string | undefined;
      /** CPU above which the container is throttled. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler reserves. */
      memoryRequest?: string | undefined;
      /** Memory above which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
    /** The nightly backup, while it runs. */
    backup?: {
      /** CPU that the scheduler reserves. */
      cpuRequest?: string | undefined;
      /** CPU above which the container is throttled. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler reserves. */
      memoryRequest?: string | undefined;
      /** Memory above which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
  } | undefined;
  /** Additional secrets. Each row becomes an SSM parameter, a key of its reader's Secret, an environment variable and an entry of the fake store. */
  secrets?: {
    /** Name of the SSM parameter below aws.ssmPrefix, of the key in the Kubernetes Secret and of the environment variable. */
    name: string;
    /** The only workload that receives it. */
    reader?: "openclaw" | "litellm" | "cloudflared" | "sandbox" | undefined;
    /** Its purpose; becomes the parameter's description. */
    description: string;
    /** Names of the environment variables, if programs read it under names other than `name`. */
    env?: string[] | undefined;
  }[] | undefined;
  /** Additional connections to pods of the cluster. Every connection without a row is blocked. The docker sandbox has none of them, even if the gateway does. */
  flows?: {
    /** The workload that opens the connection. */
    from?: "openclaw" | "litellm" | "cloudflared" | "sandbox" | undefined;
    /** Pods of another namespace. */
    to: {
      /** Namespace of the target. */
      namespace: string;
      /** Value of the label app.kubernetes.io/name of the target's pods. */
      name?: string | undefined;
      /** Labels of the target's pods, if app.kubernetes.io/name does not identify them. */
      labels?: Record<string, string> | undefined;
    };
    /** Port of the target's pods (the Service's targetPort, not its port). */
    port: number;
    /** Transport protocol. */
    protocol?: "TCP" | "UDP" | undefined;
    /** The reason, which becomes the comment of the rule in the NetworkPolicy. */
    why: string;
  }[] | undefined;
}
