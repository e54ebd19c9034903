/**
 * The gateway's pod (SPEC B3, B5, B13): init steps that install what it needs, the gateway, which first puts Git's files in place,
 * and with the docker backend a docker daemon and the keeper of its sandbox image beside it. Each line that looks needless was found
 * by a failure.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IVolume } from "kubernetes-models/v1/Volume";
import { type Model, workloadOf } from "../../model/model.ts";
import { imageVersion } from "../../values/image_reference.ts";
import type { OutputFile } from "../../output/file.ts";
import type { Comment } from "../../output/text.ts";
import { CACHE_DIR, CODEX_CONFIG_DIR, HOME_DIR, SSH_CLIENT_DIR, STATE_DIR, TOOLS_DIR } from "../../tables/paths.ts";
import { WORKSPACE_FILES } from "../openclaw/workspace.ts";
import { deployment } from "./deployment.ts";
import { objectFile } from "./object.ts";
import {
  CONTAINER_DEFAULTS,
  lockedDown,
  nodeHeap,
  ownEnv,
  plainEnv,
  resources,
  secretEnv,
  secretFiles,
  SMALL_RESOURCES,
} from "./pod.ts";
import { STATE_CLAIM } from "./storage.ts";
import { GATEWAY_PORT } from "../../tables/workloads.ts";

/** The ConfigMap with openclaw.json. */
export const OPENCLAW_CONFIG = "openclaw-config";
/** The ConfigMap with SOUL.md and the skills. */
export const OPENCLAW_WORKSPACE = "openclaw-workspace";
/** The ConfigMap with the scripts of the init steps. */
export const OPENCLAW_INIT = "openclaw-init";
/** The ConfigMap with Codex CLI's configuration. */
export const OPENCLAW_CODEX = "openclaw-codex";
/** The init step that comes before the others. */
export const PREPARE_STEP = "prepare-state";
/** The init step that installs the Discord plugin. */
export const PLUGIN_STEP = "install-plugins";
/** The init step that installs Codex CLI and gh. */
export const TOOLS_STEP = "install-tools";
/** The ConfigMap with all that belongs to the docker daemon. */
export const OPENCLAW_SANDBOX = "openclaw-sandbox";

/** The Deployment's file. */
export function gatewayFile(model: Model): OutputFile {
  const spec = ["spec", "template", "spec"] as const;
  const comments: Comment[] = model.config.sandbox.backend === "docker"
    ? [
      [[...spec, "initContainers", 0], "A native sidecar: it starts first and stays."],
      [
        [...spec, "initContainers", 0, "securityContext", "privileged"],
        "The only privileged container; Docker-in-Docker cannot do without.",
      ],
      [
        [...spec, "initContainers", 0, "volumeMounts", 2],
        "The daemon mounts the workspace by its path here, which must be the gateway's own.",
      ],
    ]
    : [];
  return objectFile(gatewayDeployment(model), comments);
}

function gatewayDeployment(model: Model): IDeployment {
  const { config } = model;
  const docker = config.sandbox.backend === "docker";
  // With a volume, which holds SQLite: two gateways must never run at a time.
  return deployment(workloadOf(model, "openclaw"), {
    terminationGracePeriodSeconds: 60,
    initContainers: [
      ...(docker ? [dockerDaemon(model)] : []),
      prepareState(model),
      ...(config.discord.enabled ? [installPlugins(model)] : []),
      installTools(model),
    ],
    containers: [gateway(model), ...(docker ? [sandboxImage(model)] : [])],
    volumes: volumes(model),
  }, { hasVolume: true });
}

/** A mount of a volume. */
export const mount = (name: string, mountPath: string, readOnly = false) => ({
  name,
  mountPath,
  ...(readOnly ? { readOnly } : {}),
});
const home = mount("state", HOME_DIR);
const tmp = mount("tmp", "/tmp");
const dockerClientEnv = {
  DOCKER_HOST: "tcp://localhost:2376",
  DOCKER_TLS_VERIFY: "1",
  DOCKER_CERT_PATH: "/certs/client",
  // buildx writes there; the image's own place is on the read-only root.
  DOCKER_CONFIG: "/tmp/.docker",
};
const dockerClientMounts = [mount("docker-certs", "/certs/client", true)];
/** Where OpenClaw finds its state and its configuration. */
export const STATE_ENV = {
  HOME: HOME_DIR,
  OPENCLAW_STATE_DIR: STATE_DIR,
  OPENCLAW_CONFIG_PATH: `${STATE_DIR}/openclaw.json`,
  // With a read-only root the gateway finds no other place for its temporary files.
  XDG_CACHE_HOME: "/tmp/cache",
};

function gateway(model: Model): IContainer {
  const workload = workloadOf(model, "openclaw");
  const { config } = model;
  const docker = config.sandbox.backend === "docker";
  return {
    name: workload.name,
    image: config.images.openclaw,
    ...CONTAINER_DEFAULTS,
    // The image's entry point is tini: args, not command. The state here too: a container that crashed gets no init step.
    args: [
      "sh",
      "-c",
      `${PREPARE_STATE.join(" ")} && exec node openclaw.mjs gateway --bind lan --port ${GATEWAY_PORT}`,
    ],
    workingDir: "/app",
    env: [
      ...secretEnv(model, workload.name),
      ...ownEnv("openclaw", {
        ...STATE_ENV,
        // Git is the only writer of openclaw.json.
        OPENCLAW_CONFIG_READONLY: "1",
        OPENCLAW_DISABLE_BONJOUR: "1",
        OPENCLAW_NO_AUTO_UPDATE: "1",
        OPENCLAW_NO_RESPAWN: "1",
        NODE_OPTIONS: nodeHeap(config.resources.openclaw.memoryLimit),
        ...(docker ? dockerClientEnv : {}),
        // The image's own; the volume's comes last, so that nothing on it takes the place of the image's programs.
        PATH: [
          ...(docker ? ["/opt/docker-cli"] : []),
          "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          `${TOOLS_DIR}/bin`,
        ].join(":"),
      }),
    ],
    ports: [{ name: "http", containerPort: GATEWAY_PORT, protocol: "TCP" }],
    // Up after 7 to 41 s. Not /readyz: it fails while Discord is away, which must not take the web UI along.
    // 75 times 4 s: five minutes.
    startupProbe: { ...startedSoon, initialDelaySeconds: 3, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 75 },
    readinessProbe: { ...started, periodSeconds: 10, timeoutSeconds: 5 },
    // A GET from outside will do here: should the path ever go, the web UI answers it with 200, and nothing is restarted.
    livenessProbe: {
      httpGet: { path: "/healthz", port: GATEWAY_PORT },
      periodSeconds: 30,
      timeoutSeconds: 10,
      failureThreshold: 3,
    },
    resources: resources(config, "openclaw"),
    securityContext: lockedDown(workload),
    volumeMounts: [
      ...prepareStateMounts,
      tmp,
      mount("codex", CODEX_CONFIG_DIR, true),
      ...(docker
        ? [...dockerClientMounts, mount("docker-cli", "/opt/docker-cli", true)]
        : [mount("ssh-client", SSH_CLIENT_DIR, true)]),
    ],
  };
}

/**
 * Asks the gateway whether it has started. The probe runs inside the container: the kubelet's own address can be in the pods' network,
 * which the gateway takes for a proxy's, and a proxy that forwards for nobody gets 403 everywhere but at /healthz. Only JSON counts: at
 * an unknown path the gateway answers 200 with the web UI.
 */
const ASK_STARTED = [
  // By the shell, since each start of node would take a fifth of a second from what it asks about. Silent while the port is closed.
  `exec 3<>/dev/tcp/127.0.0.1/${GATEWAY_PORT}`,
  String.raw`printf 'GET /startupz HTTP/1.0\r\n\r\n' >&3`,
  String.raw`head=$(sed '/^\r$/q' <&3)`,
  "shopt -s nocasematch",
  "[[ $head == 'HTTP/1.1 200 '*'content-type: application/json'* ]]",
].join(" && ");
const started = { exec: { command: ["bash", "-c", `exec 2>/dev/null; ${ASK_STARTED}`] } };

/** Asks for up to 4 seconds, five times a second, so that a start does not wait for the kubelet's next look. */
const startedSoon = {
  exec: {
    command: ["bash", "-c", `exec 2>/dev/null; for _ in {1..20}; do (${ASK_STARTED}) && exit; sleep 0.2; done; exit 1`],
  },
};

/** Puts what Git holds into the state volume, from the two ConfigMaps. */
const PREPARE_STATE = ["sh", "/init/prepare-state.sh", "/config", "/workspace"];
const prepareStateMounts = [
  home,
  mount("init", "/init", true),
  mount("config", "/config", true),
  mount("workspace", "/workspace", true),
];

/** What the gateway does itself, for the init steps that come before it: they must find the state in its place. */
function prepareState(model: Model): IContainer {
  return {
    name: PREPARE_STEP,
    image: model.config.images.openclaw,
    ...CONTAINER_DEFAULTS,
    command: PREPARE_STATE,
    env: plainEnv({ HOME: HOME_DIR, OPENCLAW_STATE_DIR: STATE_DIR }),
    resources: SMALL_RESOURCES,
    securityContext: lockedDown(workloadOf(model, "openclaw")),
    volumeMounts: prepareStateMounts,
  };
}

/** Its memory is what npm takes for 70 MB of packages. */
function installPlugins(model: Model): IContainer {
  return {
    name: PLUGIN_STEP,
    image: model.config.images.openclaw,
    ...CONTAINER_DEFAULTS,
    command: ["sh", "/init/install-plugins.sh"],
    workingDir: "/app",
    env: plainEnv({
      ...STATE_ENV,
      HOME: "/tmp",
      npm_config_cache: "/tmp/npm",
      PLUGIN: `@openclaw/discord@${imageVersion(model.config.images.openclaw)}`,
    }),
    resources: { requests: SMALL_RESOURCES.requests, limits: { cpu: "2", memory: "1Gi" } },
    securityContext: lockedDown(workloadOf(model, "openclaw")),
    volumeMounts: [home, tmp, mount("init", "/init", true)],
  };
}

/** 180 MB of archives, 450 MB unpacked; the limit is node's and the page cache of what is written. */
function installTools(model: Model): IContainer {
  return {
    name: TOOLS_STEP,
    image: model.config.images.openclaw,
    ...CONTAINER_DEFAULTS,
    command: ["sh", "/init/install-tools.sh"],
    env: plainEnv({ HOME: "/tmp", npm_config_cache: "/tmp/npm", TOOLS_DIR }),
    resources: { requests: SMALL_RESOURCES.requests, limits: { cpu: "2", memory: "512Mi" } },
    securityContext: lockedDown(workloadOf(model, "openclaw")),
    volumeMounts: [home, tmp, mount("init", "/init", true)],
  };
}

function dockerDaemon({ config }: Model): IContainer {
  return {
    name: "docker",
    image: config.images.docker,
    ...CONTAINER_DEFAULTS,
    restartPolicy: "Always",
    // Certificates are made anew at each start; only the client's part is shared.
    env: plainEnv({ DOCKER_TLS_CERTDIR: "/certs" }),
    lifecycle: { postStart: { exec: { command: ["sh", "/sandbox/firewall.sh"] } } },
    // No startupProbe, which would hold up the gateway by a second and a half: it is ready only with `sandbox-image`, which waits for
    // the daemon. Slow disks get two minutes for the first start.
    livenessProbe: {
      exec: { command: ["docker", "-H", "unix:///var/run/docker.sock", "version"] },
      initialDelaySeconds: 60,
      periodSeconds: 30,
      timeoutSeconds: 15,
      failureThreshold: 3,
    },
    resources: resources(config, "docker"),
    securityContext: { privileged: true, runAsUser: 0, runAsGroup: 0 },
    volumeMounts: [
      mount("docker-certs", "/certs/client"),
      mount("docker-data", "/var/lib/docker"),
      home,
      mount("sandbox", "/sandbox", true),
      { ...mount("sandbox", "/etc/docker/daemon.json", true), subPath: "daemon.json" },
    ],
  };
}

/**
 * Beside the gateway: building or loading the image takes as long as the gateway's start, so both go on at once, and the pod is
 * ready when both are done. Then it prunes.
 */
function sandboxImage(model: Model): IContainer {
  return {
    name: "sandbox-image",
    image: model.config.images.docker,
    ...CONTAINER_DEFAULTS,
    // In the background, since a first process that waits for a command is deaf to SIGTERM until that ends.
    command: [
      "sh",
      "-c",
      "trap 'exit 0' TERM INT; sh /sandbox/build-image.sh & wait $! && exec sh /sandbox/prune.sh",
    ],
    env: plainEnv({
      ...dockerClientEnv,
      SANDBOX_IMAGE: model.sandboxImage,
      BASE_IMAGE: model.config.images.sandboxBase,
      ARCHIVE_DIR: `${CACHE_DIR}/images`,
    }),
    // Without the image every turn fails, and once there it stays. The shell becomes prune.sh when build-image.sh has succeeded, so
    // nobody has to start docker's client again and again. 900 times 4 s: an hour, since a build takes what Debian's mirrors take.
    startupProbe: {
      exec: {
        command: ["sh", "-c", `for _ in $(seq 20); do ${BECAME_PRUNE} && exit; sleep 0.2; done; exit 1`],
      },
      periodSeconds: 1,
      timeoutSeconds: 5,
      failureThreshold: 900,
    },
    resources: SMALL_RESOURCES,
    securityContext: lockedDown(workloadOf(model, "openclaw")),
    volumeMounts: [
      ...dockerClientMounts,
      home,
      mount("sandbox", "/sandbox", true),
      mount("docker-cli", "/cli"),
      mount("docker-tmp", "/tmp"),
    ],
  };
}

/** Whether the container's first process is prune.sh by now. */
const BECAME_PRUNE = String.raw`[ "$(tr '\0' ' ' </proc/1/cmdline)" = "sh /sandbox/prune.sh " ]`;

function volumes(model: Model): IVolume[] {
  const { config } = model;
  const configMap = (name: string, source: string): IVolume => ({ name, configMap: { name: source } });
  return [
    { name: "state", persistentVolumeClaim: { claimName: STATE_CLAIM } },
    // In memory, because with fsGroup any other emptyDir is writable by its group, which OpenClaw refuses for /tmp.
    { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "256Mi" } },
    configMap("config", OPENCLAW_CONFIG),
    {
      name: "workspace",
      configMap: {
        name: OPENCLAW_WORKSPACE,
        items: WORKSPACE_FILES.map(({ key, path }) => ({ key, path })),
      },
    },
    configMap("init", OPENCLAW_INIT),
    configMap("codex", OPENCLAW_CODEX),
    ...(config.sandbox.backend === "docker"
      ? [
        configMap("sandbox", OPENCLAW_SANDBOX),
        { name: "docker-certs", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
        { name: "docker-data", emptyDir: { sizeLimit: config.sandbox.diskSize } },
        { name: "docker-cli", emptyDir: { sizeLimit: "256Mi" } },
        { name: "docker-tmp", emptyDir: { sizeLimit: "256Mi" } },
      ]
      : [secretFiles(model, "openclaw", "ssh-client")]),
  ];
}
