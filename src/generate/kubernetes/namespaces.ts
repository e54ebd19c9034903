/**
 * Namespaces, each with the PodSecurity level that its pods need and no lower one.
 *
 * @module
 */

import type { INamespace } from "kubernetes-models/v1/Namespace";
import type { Model } from "../../model/model.ts";
import type { OutputFile } from "../../output/file.ts";
import { clusterMetadata, objectFile } from "./object.ts";

/** The file of the namespace that everything but the ssh sandbox lives in. */
export function namespaceFile({ config }: Model): OutputFile {
  const docker = config.sandbox.backend === "docker";
  return objectFile(
    namespace(config.cluster.namespace, docker ? "privileged" : "restricted"),
    docker
      ? [[
        ["metadata", "labels", "pod-security.kubernetes.io/enforce"],
        "Docker-in-Docker, one container of the gateway's pod, is privileged; sandbox.backend: ssh needs none.",
      ]]
      : [],
  );
}

/** A namespace with its PodSecurity level. */
export function namespace(name: string, level: "privileged" | "restricted"): INamespace {
  const metadata = clusterMetadata(name);
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { ...metadata, labels: { ...metadata.labels, "pod-security.kubernetes.io/enforce": level } },
  };
}
