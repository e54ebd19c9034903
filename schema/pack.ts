// Generated from src/config/schema.ts by `deno task docs`. Do not edit.

/**
 * The types of pack.yaml.
 *
 * @module
 */

/** A pack.yaml that was read: every field is there. */
export interface PackConfig {
  /** Public host name of the assistant; lies in `zone`. */
  hostname: string;
  /** DNS zone at Cloudflare; names the Terraform directory, too. */
  zone: string;
  /** Where the secrets live. */
  aws: {
    /** Account that holds the SSM parameters. */
    accountId: string;
    /** Region of the parameters and of both buckets. */
    region: string;
    /** S3 bucket of Terraform's state. */
    stateBucket: string;
    /** S3 bucket of tfmigrate's history. */
    historyBucket: string;
    /** What every parameter's name begins with. */
    ssmPrefix: string;
  };
  /** The way in from outside. */
  cloudflare: {
    /** Major version of Cloudflare's Terraform provider; docs/operations.md tells how a live state goes from 4 to 5. */
    provider: 4 | 5;
    /** Account of the tunnel. */
    accountId: string;
    /** ID of `zone`. */
    zoneId: string;
    /** Name of the login method that Access admits. */
    identityProvider: string;
    /** How long a login lasts. */
    sessionDuration: string;
    /** Folder below `terraform/` instead of `cloudflare/<zone>/openclaw`, when tfaction's label for that gets too long. The key of the state follows it. */
    directory?: string | undefined;
    /** Who of those who log in by `identityProvider` is admitted. With nothing listed, everyone who can. */
    access: {
      /** Addresses to admit. */
      emails: string[];
      /** Organisations at GitHub whose members to admit. */
      githubOrganizations: {
        /** The organisation at GitHub; Cloudflare's GitHub app must be installed in it. */
        name: string;
        /** Only this team of it, by its slug. */
        team?: string | undefined;
      }[];
      /** Groups whose members to admit. */
      groups: {
        /** Whose group it is: the identity provider's (okta, azure, gsuite), or one made in Cloudflare Access. */
        kind: "okta" | "azure" | "gsuite" | "access";
        /** What the provider knows it by: a name (okta), an object ID (azure), an address (gsuite), a group's ID (access). */
        id: string;
      }[];
      /** Whether a monitor may ask `/healthz`, and nothing else, with a service token instead of a login. */
      healthToken: boolean;
    };
  };
  /** What is particular to the cluster. */
  cluster: {
    /** Container runtime of the nodes; decides which OpenClaw works with the docker sandbox. */
    runtime: "cri-o" | "containerd";
    /** Namespace of everything but the ssh sandbox. */
    namespace: string;
    /** StorageClass of the state volume. */
    storageClass: string;
    /** Size of the state volume. */
    storageSize: string;
    /** ClusterSecretStore of External Secrets that reads SSM. */
    secretStore: string;
    /** Labels of the nodes for the gateway. */
    nodeSelector: Record<string, string>;
    /** Taints of the gateway's own node that its pod tolerates, and with it the backup's, a restore's and the ssh sandbox's. A toleration admits the pod to the node; `nodeSelector` is what brings it there. In overlays/prod only. */
    tolerations: {
      /** Key of the taint. Only `operator: Exists` can leave it out, and then matches every taint. */
      key?: string | undefined;
      /** Whether the taint's value has to be `value`, or any value will do. */
      operator: "Equal" | "Exists";
      /** With `operator: Equal`: value of the taint. */
      value?: string | undefined;
      /** Effect of the taint. Without it, every effect is tolerated. */
      effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute" | undefined;
      /** With `effect: NoExecute`: how many seconds a pod may stay after the taint is set. Without it, the pod is never evicted. */
      tolerationSeconds?: number | undefined;
    }[];
    /** Whether LiteLLM and cloudflared, which hold keys, run on other nodes than the pods that run the agent's commands: whoever takes over a node reads the Secrets of its pods. `required` needs two nodes or more, and leaves a pod Pending rather than break the rule. In overlays/prod only. */
    keysApart: "required" | "preferred" | "off";
    /** RuntimeClass, such as Kata's or gVisor's, of the pods that run the agent's commands: the gateway's and the ssh sandbox's. The gateway's pod cannot have one with `backup.enabled`: the backup reads SQLite beside it, which needs one kernel for both. In overlays/prod only. */
    runtimeClassName?: string | undefined;
    /** Whether every pod that needs no privilege gets a user namespace (`hostUsers: false`), so that its users are nobody on the node. Needs Kubernetes 1.33, containerd 2 or CRI-O, Linux 6.3 and volumes with idmapped mounts (not NFS). Not for the gateway with the docker sandbox, nor for pods with `runtimeClassName`. In overlays/prod only. */
    userNamespaces: boolean;
    /** Networks of the pods: where the gateway takes forwarded addresses from, and never part of the internet. */
    podCidrs: string[];
    /** Networks of the Services; never part of the internet. */
    serviceCidrs: string[];
    /** Further networks that no pod may reach, such as public addresses of your nodes. */
    blockedCidrs: string[];
    /** Address of NodeLocal DNSCache, where the cluster has one (usually 169.254.20.10). */
    nodeLocalDns?: string | undefined;
  };
  /** The Argo CD Application of overlays/prod. */
  argocd: {
    /** Repository that Argo CD reads. */
    repoUrl: string;
    /** Branch, tag or commit. */
    targetRevision: string;
    /** Folder there that takes `base` and `overlays`. */
    path: string;
    /** Argo CD project. */
    project: string;
    /** Namespace of Argo CD. */
    namespace: string;
  };
  /** OpenClaw's gateway. */
  gateway: {
    /** Who may use the web UI: holders of the gateway token, or whoever Cloudflare Access let in. */
    auth: "token" | "cloudflare-access";
    /** With `auth: cloudflare-access`: the only e-mail addresses to admit. Empty admits everyone whom Access admits. */
    accessUsers: string[];
  };
  /** Discord. */
  discord: {
    /** Whether the assistant is on Discord. */
    enabled: boolean;
    /** IDs of the Discord users who may talk to it, and who may ask for an elevated session. Empty admits nobody. */
    allowFrom: string[];
  };
  /** The models, and how much of them the assistant may use. */
  models: {
    /** Models behind LiteLLM. The first answers; the others stand in for it, in their order. */
    list: {
      /** Name of the model at Anthropic, and the name that LiteLLM gives it. */
      id: string;
      /** Name shown to people. */
      name: string;
      /** Short name for switching models in a chat. */
      alias: string;
      /** Whether the model thinks before it answers. */
      reasoning: boolean;
      /** Context in tokens. */
      contextWindow: number;
      /** Longest answer in tokens, thinking included. LiteLLM refuses a request that asks for more. */
      maxTokens: number;
      /** Price for `models.budget`, when LiteLLM's own list lacks the model. LiteLLM does not start without one. */
      price?: {
        /** USD for a million tokens of input. Write `price` for a model that LiteLLM's own list of prices lacks: it does not start without one. */
        input: number;
        /** USD for a million tokens of output. */
        output: number;
      } | undefined;
    }[];
    /** What the models may cost. */
    budget: {
      /** US dollars that the models may cost in one period. At the limit the assistant says so, and asks no model until the period ends. */
      usd: number;
      /** The period: a calendar day, week (from Monday) or month, in UTC. */
      per: "day" | "week" | "month";
    };
    /** Requests to the models in any minute; the key proxy answers 429 beyond that. */
    requestsPerMinute: number;
  };
  /** Where the agent's commands run. */
  sandbox: {
    /** Where the agent's commands run: docker is a daemon in the gateway's pod (privileged, shares the workspace); ssh is an unprivileged pod in a namespace of its own. */
    backend: "docker" | "ssh";
    /** With `backend: docker`: memory of one sandbox. */
    memory: string;
    /** With `backend: docker`: CPU cores of one sandbox. */
    cpus: number;
    /** With `backend: docker`: processes in one sandbox at a time. */
    pids: number;
    /** Space for the docker daemon's images and containers, or for the ssh sandboxes. */
    diskSize: string;
    /** With `backend: ssh`: the image of the sandbox pod, built from src/generate/sandbox/ssh.Dockerfile. */
    image?: string | undefined;
    /** With `backend: ssh`: the namespace of its pod. */
    namespace: string;
  };
  /** Archives of OpenClaw's state, made and verified beside the running gateway. */
  backup: {
    /** Whether the state is backed up. */
    enabled: boolean;
    /** When, in cron's five fields. */
    schedule: string;
    /** Time zone of the schedule. */
    timeZone: string;
    /** How many archives stay on the state volume: the newest. */
    keep: number;
    /** A copy of every archive in S3, which a lost volume does not take along. Without it there is none. */
    s3?: {
      /** An S3 bucket of yours, where each archive is copied to; its lifecycle rule says for how long. */
      bucket: string;
      /** Folder in the bucket. */
      prefix: string;
      /** Region of the bucket, where it is not `aws.region`. */
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
    /** Docker-in-Docker, and the client of the gateway's pod. */
    docker: string;
    /** With `backup.s3`: what copies the archives. */
    rclone: string;
    /** What the sandbox image is built from; Debian or a relative of it. */
    sandboxBase: string;
  };
  /** Command line tools of the gateway's container, installed once onto the state volume. Another version needs its checksums. */
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
    /** GitHub CLI, from its release at GitHub; checksums are the release's own, SHA-256. */
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
      /** CPU that the scheduler sets aside. */
      cpuRequest: string;
      /** CPU at which the container is slowed down. */
      cpuLimit: string;
      /** Memory that the scheduler sets aside. */
      memoryRequest: string;
      /** Memory at which the container is killed. */
      memoryLimit: string;
    };
    /** The docker daemon with all its sandboxes. */
    docker: {
      /** CPU that the scheduler sets aside. */
      cpuRequest: string;
      /** CPU at which the container is slowed down. */
      cpuLimit: string;
      /** Memory that the scheduler sets aside. */
      memoryRequest: string;
      /** Memory at which the container is killed. */
      memoryLimit: string;
    };
    /** LiteLLM. */
    litellm: {
      /** CPU that the scheduler sets aside. */
      cpuRequest: string;
      /** CPU at which the container is slowed down. */
      cpuLimit: string;
      /** Memory that the scheduler sets aside. */
      memoryRequest: string;
      /** Memory at which the container is killed. */
      memoryLimit: string;
    };
    /** The key proxy. */
    keyProxy: {
      /** CPU that the scheduler sets aside. */
      cpuRequest: string;
      /** CPU at which the container is slowed down. */
      cpuLimit: string;
      /** Memory that the scheduler sets aside. */
      memoryRequest: string;
      /** Memory at which the container is killed. */
      memoryLimit: string;
    };
    /** The tunnel's client. */
    cloudflared: {
      /** CPU that the scheduler sets aside. */
      cpuRequest: string;
      /** CPU at which the container is slowed down. */
      cpuLimit: string;
      /** Memory that the scheduler sets aside. */
      memoryRequest: string;
      /** Memory at which the container is killed. */
      memoryLimit: string;
    };
    /** With `backend: ssh`: the sandbox pod. */
    sandbox: {
      /** CPU that the scheduler sets aside. */
      cpuRequest: string;
      /** CPU at which the container is slowed down. */
      cpuLimit: string;
      /** Memory that the scheduler sets aside. */
      memoryRequest: string;
      /** Memory at which the container is killed. */
      memoryLimit: string;
    };
    /** The nightly backup, while it runs. */
    backup: {
      /** CPU that the scheduler sets aside. */
      cpuRequest: string;
      /** CPU at which the container is slowed down. */
      cpuLimit: string;
      /** Memory that the scheduler sets aside. */
      memoryRequest: string;
      /** Memory at which the container is killed. */
      memoryLimit: string;
    };
  };
  /** Further secrets. Each row becomes an SSM parameter, a key of its reader's Secret, an environment variable and a line of the fake store. */
  secrets: {
    /** Name of the SSM parameter below aws.ssmPrefix, of the key in the Kubernetes Secret and of the environment variable. */
    name: string;
    /** The one workload that gets it. */
    reader: "openclaw" | "litellm" | "cloudflared" | "sandbox";
    /** What it is for; becomes the parameter's description. */
    description: string;
    /** Names of the environment variables instead of `name`, when programs want others. */
    env: string[];
  }[];
  /** Further connections to pods of the cluster. Everything that has no row is blocked. The docker sandbox gets none of them, whatever the gateway gets. */
  flows: {
    /** The workload that opens the connection. */
    from: "openclaw" | "litellm" | "cloudflared" | "sandbox";
    /** Pods of another namespace. */
    to: {
      /** Namespace of the target. */
      namespace: string;
      /** Value of the label app.kubernetes.io/name of the target's pods. */
      name?: string | undefined;
      /** Labels of the target's pods, where app.kubernetes.io/name does not tell them apart. */
      labels?: Record<string, string> | undefined;
    };
    /** Port of the target's pods (the Service's targetPort, not its port). */
    port: number;
    /** Transport protocol. */
    protocol: "TCP" | "UDP";
    /** The reason, which ends up beside the rule in the NetworkPolicy. */
    why: string;
  }[];
}

/** A pack.yaml as it is written: every field may be missing. */
export interface PackInput {
  /** Public host name of the assistant; lies in `zone`. */
  hostname?: string | undefined;
  /** DNS zone at Cloudflare; names the Terraform directory, too. */
  zone?: string | undefined;
  /** Where the secrets live. */
  aws?: {
    /** Account that holds the SSM parameters. */
    accountId?: string | undefined;
    /** Region of the parameters and of both buckets. */
    region?: string | undefined;
    /** S3 bucket of Terraform's state. */
    stateBucket?: string | undefined;
    /** S3 bucket of tfmigrate's history. */
    historyBucket?: string | undefined;
    /** What every parameter's name begins with. */
    ssmPrefix?: string | undefined;
  } | undefined;
  /** The way in from outside. */
  cloudflare?: {
    /** Major version of Cloudflare's Terraform provider; docs/operations.md tells how a live state goes from 4 to 5. */
    provider?: 4 | 5 | undefined;
    /** Account of the tunnel. */
    accountId?: string | undefined;
    /** ID of `zone`. */
    zoneId?: string | undefined;
    /** Name of the login method that Access admits. */
    identityProvider?: string | undefined;
    /** How long a login lasts. */
    sessionDuration?: string | undefined;
    /** Folder below `terraform/` instead of `cloudflare/<zone>/openclaw`, when tfaction's label for that gets too long. The key of the state follows it. */
    directory?: string | undefined;
    /** Who of those who log in by `identityProvider` is admitted. With nothing listed, everyone who can. */
    access?: {
      /** Addresses to admit. */
      emails?: string[] | undefined;
      /** Organisations at GitHub whose members to admit. */
      githubOrganizations?: {
        /** The organisation at GitHub; Cloudflare's GitHub app must be installed in it. */
        name: string;
        /** Only this team of it, by its slug. */
        team?: string | undefined;
      }[] | undefined;
      /** Groups whose members to admit. */
      groups?: {
        /** Whose group it is: the identity provider's (okta, azure, gsuite), or one made in Cloudflare Access. */
        kind: "okta" | "azure" | "gsuite" | "access";
        /** What the provider knows it by: a name (okta), an object ID (azure), an address (gsuite), a group's ID (access). */
        id: string;
      }[] | undefined;
      /** Whether a monitor may ask `/healthz`, and nothing else, with a service token instead of a login. */
      healthToken?: boolean | undefined;
    } | undefined;
  } | undefined;
  /** What is particular to the cluster. */
  cluster?: {
    /** Container runtime of the nodes; decides which OpenClaw works with the docker sandbox. */
    runtime?: "cri-o" | "containerd" | undefined;
    /** Namespace of everything but the ssh sandbox. */
    namespace?: string | undefined;
    /** StorageClass of the state volume. */
    storageClass?: string | undefined;
    /** Size of the state volume. */
    storageSize?: string | undefined;
    /** ClusterSecretStore of External Secrets that reads SSM. */
    secretStore?: string | undefined;
    /** Labels of the nodes for the gateway. */
    nodeSelector?: Record<string, string> | undefined;
    /** Taints of the gateway's own node that its pod tolerates, and with it the backup's, a restore's and the ssh sandbox's. A toleration admits the pod to the node; `nodeSelector` is what brings it there. In overlays/prod only. */
    tolerations?: {
      /** Key of the taint. Only `operator: Exists` can leave it out, and then matches every taint. */
      key?: string | undefined;
      /** Whether the taint's value has to be `value`, or any value will do. */
      operator?: "Equal" | "Exists" | undefined;
      /** With `operator: Equal`: value of the taint. */
      value?: string | undefined;
      /** Effect of the taint. Without it, every effect is tolerated. */
      effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute" | undefined;
      /** With `effect: NoExecute`: how many seconds a pod may stay after the taint is set. Without it, the pod is never evicted. */
      tolerationSeconds?: number | undefined;
    }[] | undefined;
    /** Whether LiteLLM and cloudflared, which hold keys, run on other nodes than the pods that run the agent's commands: whoever takes over a node reads the Secrets of its pods. `required` needs two nodes or more, and leaves a pod Pending rather than break the rule. In overlays/prod only. */
    keysApart?: "required" | "preferred" | "off" | undefined;
    /** RuntimeClass, such as Kata's or gVisor's, of the pods that run the agent's commands: the gateway's and the ssh sandbox's. The gateway's pod cannot have one with `backup.enabled`: the backup reads SQLite beside it, which needs one kernel for both. In overlays/prod only. */
    runtimeClassName?: string | undefined;
    /** Whether every pod that needs no privilege gets a user namespace (`hostUsers: false`), so that its users are nobody on the node. Needs Kubernetes 1.33, containerd 2 or CRI-O, Linux 6.3 and volumes with idmapped mounts (not NFS). Not for the gateway with the docker sandbox, nor for pods with `runtimeClassName`. In overlays/prod only. */
    userNamespaces?: boolean | undefined;
    /** Networks of the pods: where the gateway takes forwarded addresses from, and never part of the internet. */
    podCidrs?: string[] | undefined;
    /** Networks of the Services; never part of the internet. */
    serviceCidrs?: string[] | undefined;
    /** Further networks that no pod may reach, such as public addresses of your nodes. */
    blockedCidrs?: string[] | undefined;
    /** Address of NodeLocal DNSCache, where the cluster has one (usually 169.254.20.10). */
    nodeLocalDns?: string | undefined;
  } | undefined;
  /** The Argo CD Application of overlays/prod. */
  argocd?: {
    /** Repository that Argo CD reads. */
    repoUrl?: string | undefined;
    /** Branch, tag or commit. */
    targetRevision?: string | undefined;
    /** Folder there that takes `base` and `overlays`. */
    path?: string | undefined;
    /** Argo CD project. */
    project?: string | undefined;
    /** Namespace of Argo CD. */
    namespace?: string | undefined;
  } | undefined;
  /** OpenClaw's gateway. */
  gateway?: {
    /** Who may use the web UI: holders of the gateway token, or whoever Cloudflare Access let in. */
    auth?: "token" | "cloudflare-access" | undefined;
    /** With `auth: cloudflare-access`: the only e-mail addresses to admit. Empty admits everyone whom Access admits. */
    accessUsers?: string[] | undefined;
  } | undefined;
  /** Discord. */
  discord?: {
    /** Whether the assistant is on Discord. */
    enabled?: boolean | undefined;
    /** IDs of the Discord users who may talk to it, and who may ask for an elevated session. Empty admits nobody. */
    allowFrom?: string[] | undefined;
  } | undefined;
  /** The models, and how much of them the assistant may use. */
  models?: {
    /** Models behind LiteLLM. The first answers; the others stand in for it, in their order. */
    list?: {
      /** Name of the model at Anthropic, and the name that LiteLLM gives it. */
      id: string;
      /** Name shown to people. */
      name: string;
      /** Short name for switching models in a chat. */
      alias: string;
      /** Whether the model thinks before it answers. */
      reasoning?: boolean | undefined;
      /** Context in tokens. */
      contextWindow?: number | undefined;
      /** Longest answer in tokens, thinking included. LiteLLM refuses a request that asks for more. */
      maxTokens?: number | undefined;
      /** Price for `models.budget`, when LiteLLM's own list lacks the model. LiteLLM does not start without one. */
      price?: {
        /** USD for a million tokens of input. Write `price` for a model that LiteLLM's own list of prices lacks: it does not start without one. */
        input: number;
        /** USD for a million tokens of output. */
        output: number;
      } | undefined;
    }[] | undefined;
    /** What the models may cost. */
    budget?: {
      /** US dollars that the models may cost in one period. At the limit the assistant says so, and asks no model until the period ends. */
      usd?: number | undefined;
      /** The period: a calendar day, week (from Monday) or month, in UTC. */
      per?: "day" | "week" | "month" | undefined;
    } | undefined;
    /** Requests to the models in any minute; the key proxy answers 429 beyond that. */
    requestsPerMinute?: number | undefined;
  } | undefined;
  /** Where the agent's commands run. */
  sandbox?: {
    /** Where the agent's commands run: docker is a daemon in the gateway's pod (privileged, shares the workspace); ssh is an unprivileged pod in a namespace of its own. */
    backend?: "docker" | "ssh" | undefined;
    /** With `backend: docker`: memory of one sandbox. */
    memory?: string | undefined;
    /** With `backend: docker`: CPU cores of one sandbox. */
    cpus?: number | undefined;
    /** With `backend: docker`: processes in one sandbox at a time. */
    pids?: number | undefined;
    /** Space for the docker daemon's images and containers, or for the ssh sandboxes. */
    diskSize?: string | undefined;
    /** With `backend: ssh`: the image of the sandbox pod, built from src/generate/sandbox/ssh.Dockerfile. */
    image?: string | undefined;
    /** With `backend: ssh`: the namespace of its pod. */
    namespace?: string | undefined;
  } | undefined;
  /** Archives of OpenClaw's state, made and verified beside the running gateway. */
  backup?: {
    /** Whether the state is backed up. */
    enabled?: boolean | undefined;
    /** When, in cron's five fields. */
    schedule?: string | undefined;
    /** Time zone of the schedule. */
    timeZone?: string | undefined;
    /** How many archives stay on the state volume: the newest. */
    keep?: number | undefined;
    /** A copy of every archive in S3, which a lost volume does not take along. Without it there is none. */
    s3?: {
      /** An S3 bucket of yours, where each archive is copied to; its lifecycle rule says for how long. */
      bucket: string;
      /** Folder in the bucket. */
      prefix?: string | undefined;
      /** Region of the bucket, where it is not `aws.region`. */
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
    /** Docker-in-Docker, and the client of the gateway's pod. */
    docker?: string | undefined;
    /** With `backup.s3`: what copies the archives. */
    rclone?: string | undefined;
    /** What the sandbox image is built from; Debian or a relative of it. */
    sandboxBase?: string | undefined;
  } | undefined;
  /** Command line tools of the gateway's container, installed once onto the state volume. Another version needs its checksums. */
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
    /** GitHub CLI, from its release at GitHub; checksums are the release's own, SHA-256. */
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
      /** CPU that the scheduler sets aside. */
      cpuRequest?: string | undefined;
      /** CPU at which the container is slowed down. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler sets aside. */
      memoryRequest?: string | undefined;
      /** Memory at which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
    /** The docker daemon with all its sandboxes. */
    docker?: {
      /** CPU that the scheduler sets aside. */
      cpuRequest?: string | undefined;
      /** CPU at which the container is slowed down. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler sets aside. */
      memoryRequest?: string | undefined;
      /** Memory at which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
    /** LiteLLM. */
    litellm?: {
      /** CPU that the scheduler sets aside. */
      cpuRequest?: string | undefined;
      /** CPU at which the container is slowed down. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler sets aside. */
      memoryRequest?: string | undefined;
      /** Memory at which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
    /** The key proxy. */
    keyProxy?: {
      /** CPU that the scheduler sets aside. */
      cpuRequest?: string | undefined;
      /** CPU at which the container is slowed down. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler sets aside. */
      memoryRequest?: string | undefined;
      /** Memory at which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
    /** The tunnel's client. */
    cloudflared?: {
      /** CPU that the scheduler sets aside. */
      cpuRequest?: string | undefined;
      /** CPU at which the container is slowed down. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler sets aside. */
      memoryRequest?: string | undefined;
      /** Memory at which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
    /** With `backend: ssh`: the sandbox pod. */
    sandbox?: {
      /** CPU that the scheduler sets aside. */
      cpuRequest?: string | undefined;
      /** CPU at which the container is slowed down. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler sets aside. */
      memoryRequest?: string | undefined;
      /** Memory at which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
    /** The nightly backup, while it runs. */
    backup?: {
      /** CPU that the scheduler sets aside. */
      cpuRequest?: string | undefined;
      /** CPU at which the container is slowed down. */
      cpuLimit?: string | undefined;
      /** Memory that the scheduler sets aside. */
      memoryRequest?: string | undefined;
      /** Memory at which the container is killed. */
      memoryLimit?: string | undefined;
    } | undefined;
  } | undefined;
  /** Further secrets. Each row becomes an SSM parameter, a key of its reader's Secret, an environment variable and a line of the fake store. */
  secrets?: {
    /** Name of the SSM parameter below aws.ssmPrefix, of the key in the Kubernetes Secret and of the environment variable. */
    name: string;
    /** The one workload that gets it. */
    reader?: "openclaw" | "litellm" | "cloudflared" | "sandbox" | undefined;
    /** What it is for; becomes the parameter's description. */
    description: string;
    /** Names of the environment variables instead of `name`, when programs want others. */
    env?: string[] | undefined;
  }[] | undefined;
  /** Further connections to pods of the cluster. Everything that has no row is blocked. The docker sandbox gets none of them, whatever the gateway gets. */
  flows?: {
    /** The workload that opens the connection. */
    from?: "openclaw" | "litellm" | "cloudflared" | "sandbox" | undefined;
    /** Pods of another namespace. */
    to: {
      /** Namespace of the target. */
      namespace: string;
      /** Value of the label app.kubernetes.io/name of the target's pods. */
      name?: string | undefined;
      /** Labels of the target's pods, where app.kubernetes.io/name does not tell them apart. */
      labels?: Record<string, string> | undefined;
    };
    /** Port of the target's pods (the Service's targetPort, not its port). */
    port: number;
    /** Transport protocol. */
    protocol?: "TCP" | "UDP" | undefined;
    /** The reason, which ends up beside the rule in the NetworkPolicy. */
    why: string;
  }[] | undefined;
}
