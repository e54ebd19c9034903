/**
 * The ssh sandbox (requirement B5, `sandbox.backend: ssh`): an unprivileged pod in its own namespace, under PodSecurity
 * `restricted`. Its policy also blocks the gateway and LiteLLM.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { Model } from "../../model/model.ts";
import type { Workload } from "../../model/workloads.ts";
import type { OutputFile } from "../../output/file.ts";
import { externalSecretFile } from "./external_secrets.ts";
import { namespace } from "./namespaces.ts";
import { networkPolicyFiles } from "./network_policies.ts";
import { deployment } from "./deployment.ts";
import { objectFile } from "./object.ts";
import { CONTAINER_DEFAULTS, lockedDown, resources, secretFiles } from "./pod.ts";
import { serviceFiles } from "./services.ts";
import { claim, SANDBOX_CLAIM } from "./storage.ts";
import { SANDBOX_PORT } from "../../tables/workloads.ts";

/** The ConfigMap with sshd_config. */
export const SANDBOX_SSHD = "sandbox-sshd";

/** Returns the namespace of the sandbox and every object in it. */
export function sshSandboxFiles(workload: Workload, model: Model): OutputFile[] {
  const { cluster, sandbox } = model.config;
  return [
    objectFile(namespace(workload.namespace, "restricted")),
    objectFile(claim(workload, SANDBOX_CLAIM, cluster.storageClass, sandbox.diskSize)),
    objectFile(sandboxDeployment(workload)),
    externalSecretFile(workload.reader, cluster.secretStore),
    ...serviceFiles([workload]),
    ...networkPolicyFiles(model, workload.namespace),
  ].map((file) => ({ ...file, path: `${workload.namespace}/${file.path}` }));
}

function sandboxDeployment(workload: Workload): IDeployment {
  return deployment(workload, {
    containers: [{
      name: workload.name,
      image: workload.image,
      ...CONTAINER_DEFAULTS,
      command: ["/usr/sbin/sshd", "-D", "-e", "-f", "/etc/openclaw-sshd/sshd_config"],
      ports: [{ name: "ssh", containerPort: SANDBOX_PORT, protocol: "TCP" }],
      readinessProbe: { tcpSocket: { port: SANDBOX_PORT }, periodSeconds: 5, timeoutSeconds: 3 },
      livenessProbe: { tcpSocket: { port: SANDBOX_PORT }, periodSeconds: 30, timeoutSeconds: 5 },
      resources: resources(workload.resources),
      securityContext: lockedDown(workload),
      volumeMounts: [
        { name: "sandboxes", mountPath: "/sandboxes" },
        { name: "tmp", mountPath: "/tmp" },
        { name: "sshd", mountPath: "/etc/openclaw-sshd", readOnly: true },
        { name: "ssh-host", mountPath: "/etc/openclaw-ssh-host", readOnly: true },
      ],
    }],
    volumes: [
      { name: "sandboxes", persistentVolumeClaim: { claimName: SANDBOX_CLAIM } },
      { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
      { name: "sshd", configMap: { name: SANDBOX_SSHD } },
      secretFiles(workload.reader, "ssh-host"),
    ],
  }, { hasVolume: true });
}
