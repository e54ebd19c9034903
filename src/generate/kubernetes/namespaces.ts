/**
 * Namespaces, each with the strictest PodSecurity level that its pods allow.
 *
 * @module
 */

import type { INamespace } from "kubernetes-models/v1/Namespace";
import type { Model } from "../../model/model.ts";
import type { OutputFile } from "../../output/file.ts";
import { clusterMetadata, objectFile } from "./object.ts";

/** Returns the file of the namespace for everything except the ssh sandbox. */
export function namespaceFile({ config }: Model): OutputFile {
  const docker = config.sandbox.backend === "docker";
  return objectFile(
    namespace(config.cluster.namespace, docker ? "privileged" : "restricted"),
    docker
      ? [[
        ["metadata", "labels", "pod-security.kubernetes.io/enforce"],
        "Docker-in-Docker, one container of the gateway's pod, is privileged; with sandbox.backend: ssh no container is.",
      ]]
      : [],
  );
}

/** Returns a namespace with its PodSecurity level. */
export function namespace(name: string, level: "privileged" | "restricted"): INamespace {
  const metadata = clusterMetadata(name);
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { ...metadata, labels: { ...metadata.labels, "pod-security.kubernetes.io/enforce": level } },
  };
}
