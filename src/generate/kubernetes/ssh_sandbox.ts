/**
 * The ssh sandbox (requirement B5, the other switch): an unprivileged pod in a namespace of its own, under PodSecurity `restricted`,
 * whose policy shuts the gateway and LiteLLM too.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import { type Model, readerOf, workloadOf } from "../../model/model.ts";
import type { OutputFile } from "../../output/file.ts";
import { externalSecret } from "./external_secrets.ts";
import { namespace } from "./namespaces.ts";
import { networkPolicyFiles } from "./network_policies.ts";
import { deployment } from "./deployment.ts";
import { objectFile } from "./object.ts";
import { CONTAINER_DEFAULTS, lockedDown, resources, secretFiles } from "./pod.ts";
import { serviceFiles } from "./services.ts";
import { claim } from "./storage.ts";
import { SANDBOX_PORT } from "../../tables/workloads.ts";

/** The ConfigMap with sshd_config. */
export const SANDBOX_SSHD = "sandbox-sshd";

/** Name of the claim for the sandboxes' files. */
export const SANDBOX_CLAIM = "sandbox-data";

/** Every object of the sandbox's namespace, and the namespace. */
export function sshSandboxFiles(model: Model): OutputFile[] {
  const workload = workloadOf(model, "sandbox");
  return [
    objectFile(namespace(workload.namespace, "restricted")),
    objectFile(claim(workload, SANDBOX_CLAIM, model.config.cluster.storageClass, model.config.sandbox.diskSize)),
    objectFile(sandboxDeployment(model)),
    objectFile(externalSecret(model, readerOf(model, workload.name))),
    ...serviceFiles(model, workload.namespace),
    ...networkPolicyFiles(model, workload.namespace),
  ].map((file) => ({ ...file, path: `${workload.namespace}/${file.path}` }));
}

function sandboxDeployment(model: Model): IDeployment {
  const workload = workloadOf(model, "sandbox");
  const { config } = model;
  return deployment(workload, {
    containers: [{
      name: workload.name,
      // The reader of pack.yaml sees to it that there is one.
      image: config.sandbox.image ?? "",
      ...CONTAINER_DEFAULTS,
      command: ["/usr/sbin/sshd", "-D", "-e", "-f", "/etc/openclaw-sshd/sshd_config"],
      ports: [{ name: "ssh", containerPort: SANDBOX_PORT, protocol: "TCP" }],
      readinessProbe: { tcpSocket: { port: SANDBOX_PORT }, periodSeconds: 5, timeoutSeconds: 3 },
      livenessProbe: { tcpSocket: { port: SANDBOX_PORT }, periodSeconds: 30, timeoutSeconds: 5 },
      resources: resources(config, "sandbox"),
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
      secretFiles(model, workload.name, "ssh-host"),
    ],
  }, { hasVolume: true });
}
