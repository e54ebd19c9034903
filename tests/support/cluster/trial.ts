/**
 * What a user of the local trial does and sees with kubectl.
 *
 * @module
 */

import assert from "node:assert/strict";
import { importImage } from "../runtime/docker_image.ts";
import { objectOf } from "../support.ts";
import { objectsOf } from "../../unit/generate/kubernetes/validate.ts";
import type { Cluster } from "./cluster.ts";
import { type Kubectl, rolledOut } from "./kubectl.ts";

/** The committed overlay of the local trial. */
export const KIND = new URL("../../../kustomize/overlays/kind", import.meta.url).pathname;

/** Namespace of the trial. */
export const NAMESPACE = "openclaw";

/** Returns the arguments of `kubectl exec` for a container. */
export function inPod(deployment: string, container = deployment): string[] {
  return [`--namespace=${NAMESPACE}`, `deployment/${deployment}`, `--container=${container}`];
}

/** Returns the objects of an overlay. */
export async function objectsIn(cluster: Kubectl, overlay = KIND) {
  return objectsOf(await cluster.run(["kustomize", overlay]));
}

/** Returns the sandbox image that the gateway's pod of the trial builds. */
async function sandboxImage(cluster: Kubectl): Promise<string> {
  const { spec } = objectOf(await objectsIn(cluster), "Deployment", "openclaw");
  const { containers }: { containers: { env?: { name: string; value: string }[] }[] } = spec.template.spec;
  const image = containers.flatMap(({ env = [] }) => env).find(({ name }) => name === "SANDBOX_IMAGE")?.value;
  assert.ok(image);
  return image;
}

/**
 * Loads the sandbox image into the gateway's docker daemon as soon as the daemon runs. On the tests' own cluster the sidecar
 * can reach neither Debian nor a registry to build the image, and finds it on its next attempt. On a given cluster it builds
 * the image itself.
 */
export async function loadSandboxImage(cluster: Cluster, reference?: string): Promise<void> {
  if (cluster.own === undefined) return;
  const image = reference ?? await sandboxImage(cluster);
  const docker = inPod("openclaw", "docker");
  await importImage({ exec: (argv, options) => cluster.exec(docker, argv, options) }, image);
}

/** Waits until every Deployment is available in its current generation. A given cluster pulls and builds images first. */
export async function untilAvailable(cluster: Cluster): Promise<void> {
  const seconds = cluster.own === undefined ? 600 : 120;
  for (const name of ["litellm", "openclaw"]) await rolledOut(cluster, NAMESPACE, name, seconds);
}

/** The assistant's answer to a message. */
export interface Turn {
  readonly text: string;
  readonly sessionId: string;
}

/** Sends the assistant a message as documented. Returns the answer. */
export async function say(cluster: Kubectl, message: string): Promise<Turn> {
  const argv = ["openclaw", "agent", "--agent", "main", "--message", message, "--json"];
  const { code, stdout, stderr } = await cluster.exec(inPod("openclaw"), argv, { timeoutMs: 180_000 });
  assert.equal(code, 0, stderr);
  const { result } = JSON.parse(stdout);
  return {
    text: result.payloads.map(({ text }: { text: string }) => text).join("\n"),
    sessionId: result.meta.agentMeta.sessionId,
  };
}

/** Returns all messages of the agent's conversation, of both sides. */
export async function conversation(cluster: Kubectl): Promise<string> {
  const params = JSON.stringify({ sessionKey: "agent:main:main" });
  const argv = ["openclaw", "gateway", "call", "chat.history", "--params", params, "--json"];
  const { code, stdout, stderr } = await cluster.exec(inPod("openclaw"), argv);
  assert.equal(code, 0, stderr);
  return JSON.stringify(JSON.parse(stdout).messages);
}

/** A word that is sent and written once. {@linkcode lost} checks that it still exists. */
export const WORD = "pomegranate";
/** A file in the agent's workspace. */
export const NOTE = "/workspaces/main/note.txt";

/** Sends the word, and writes it to a file as the agent would. */
export async function saveWord(cluster: Kubectl): Promise<void> {
  await say(cluster, `remember ${WORD}`);
  await cluster.exec(inPod("openclaw"), ["sh", "-c", `echo ${WORD} >${NOTE}`]);
}

/** Returns what was lost of the message and the file with the word. */
export async function lost(cluster: Kubectl): Promise<string[]> {
  const { stdout } = await cluster.exec(inPod("openclaw"), ["cat", NOTE]);
  return [
    ...((await conversation(cluster)).includes(`remember ${WORD}`) ? [] : ["the conversation"]),
    ...(stdout === `${WORD}\n` ? [] : ["the agent's file"]),
  ];
}
