/**
 * What a user of the local trial does and sees, by kubectl.
 *
 * @module
 */

import assert from "node:assert/strict";
import { importImage } from "../runtime/docker_image.ts";
import { objectOf } from "../support.ts";
import { objectsOf } from "../../unit/generate/kubernetes/validate.ts";
import type { Cluster } from "./cluster.ts";
import { type Kubectl, rolledOut } from "./kubectl.ts";

/** The overlay of the local trial, as it is committed. */
export const KIND = new URL("../../../kustomize/overlays/kind", import.meta.url).pathname;

/** Namespace of the trial. */
export const NAMESPACE = "openclaw";

/** A container for `kubectl exec`. */
export function inPod(deployment: string, container = deployment): string[] {
  return [`--namespace=${NAMESPACE}`, `deployment/${deployment}`, `--container=${container}`];
}

/** Objects of an overlay. */
export async function objectsIn(cluster: Kubectl, overlay = KIND) {
  return objectsOf(await cluster.run(["kustomize", overlay]));
}

/** The image that the gateway's pod of the trial builds for its sandbox. */
async function sandboxImage(cluster: Kubectl): Promise<string> {
  const { spec } = objectOf(await objectsIn(cluster), "Deployment", "openclaw");
  const { containers }: { containers: { env?: { name: string; value: string }[] }[] } = spec.template.spec;
  const image = containers.flatMap(({ env = [] }) => env).find(({ name }) => name === "SANDBOX_IMAGE")?.value;
  assert.ok(image);
  return image;
}

/**
 * Adds the sandbox image to the gateway's docker daemon as soon as it runs, on the tests' own cluster: from there the sidecar can
 * reach neither Debian nor a registry to build it, and finds it at its next try. On a given cluster the sidecar builds it.
 */
export async function giveSandboxImage(cluster: Cluster, reference?: string): Promise<void> {
  if (cluster.own === undefined) return;
  const image = reference ?? await sandboxImage(cluster);
  const docker = inPod("openclaw", "docker");
  await importImage({ exec: (argv, options) => cluster.exec(docker, argv, options) }, image);
}

/** Waits until every Deployment is available at its present definition. A given cluster pulls images and builds the sandbox's. */
export async function untilAvailable(cluster: Cluster): Promise<void> {
  const seconds = cluster.own === undefined ? 600 : 120;
  for (const name of ["litellm", "openclaw"]) await rolledOut(cluster, NAMESPACE, name, seconds);
}

/** A turn of the assistant. */
export interface Turn {
  readonly text: string;
  readonly sessionId: string;
}

/** Sends the assistant a message in the way that the documentation has it, and gives its answer. */
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

/** What was said in the agent's conversation, by both sides. */
export async function conversation(cluster: Kubectl): Promise<string> {
  const params = JSON.stringify({ sessionKey: "agent:main:main" });
  const argv = ["openclaw", "gateway", "call", "chat.history", "--params", params, "--json"];
  const { code, stdout, stderr } = await cluster.exec(inPod("openclaw"), argv);
  assert.equal(code, 0, stderr);
  return JSON.stringify(JSON.parse(stdout).messages);
}

/** Said and written once; what is no longer there of it tells {@linkcode lost}. */
export const WORD = "pomegranate";
/** A file of the agent's workspace. */
export const NOTE = "/home/node/.openclaw/workspace/note.txt";

/** Says a word, and writes it as the agent would. */
export async function leaveWord(cluster: Kubectl): Promise<void> {
  await say(cluster, `remember ${WORD}`);
  await cluster.exec(inPod("openclaw"), ["sh", "-c", `echo ${WORD} >${NOTE}`]);
}

/** What is no longer there of what was said and written before. */
export async function lost(cluster: Kubectl): Promise<string[]> {
  const { stdout } = await cluster.exec(inPod("openclaw"), ["cat", NOTE]);
  return [
    ...((await conversation(cluster)).includes(`remember ${WORD}`) ? [] : ["the conversation"]),
    ...(stdout === `${WORD}\n` ? [] : ["the agent's file"]),
  ];
}
