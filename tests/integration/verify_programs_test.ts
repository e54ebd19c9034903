/**
 * `deno task verify` expects the objects that kustomize applies, with the same containers.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { applyWrite, generate, planWrite, readPack } from "openclaw-pack";
import { stringify } from "yaml";
import { buildModel } from "../../src/model/model.ts";
import { expectedObjects, OVERLAYS } from "../../src/commands/verify/expected.ts";
import { objectsOf } from "../unit/generate/kubernetes/validate.ts";
import { type Json, SSH } from "../support/support.ts";
import { onPath, runOrThrow, tool } from "../support/tools.ts";

const kubectl = await tool("kubectl", () => onPath("kubectl"));

for (const [sandbox, input] of Object.entries({ docker: {}, ssh: SSH })) {
  for (const overlay of OVERLAYS) {
    Deno.test({
      name: `verify expects what kustomize builds from overlays/${overlay} with the ${sandbox} sandbox`,
      ignore: kubectl.ignore,
      fn: async () => {
        const { config } = readPack(stringify(input));
        const out = await Deno.makeTempDir();
        try {
          applyWrite(out, await planWrite(out, await generate(config)));
          const { stdout } = await runOrThrow("kubectl", ["kustomize", join(out, "kustomize/overlays", overlay)]);
          const expected = expectedObjects(await buildModel(config), overlay).objects;
          assert.deepEqual(summary(expected), summary(objectsOf(stdout)));
        } finally {
          await Deno.remove(out, { recursive: true });
        }
      },
    });
  }
}

/** Returns the fields that the checks read, by object. kustomize creates the ConfigMaps, which no check reads. */
function summary(objects: readonly Json[]): Record<string, Json> {
  const rows = objects.filter(({ kind }) => kind !== "ConfigMap").map((object): [string, Json] => {
    const { kind, metadata, spec } = object;
    const pod = spec?.template?.spec ?? {};
    const containers = [...pod.initContainers ?? [], ...pod.containers ?? []].map((container: Json) => ({
      name: container.name,
      image: container.image,
      env: container.env,
      ports: container.ports,
      probes: [container.startupProbe, container.readinessProbe, container.livenessProbe],
      restartPolicy: container.restartPolicy,
    }));
    return [`${kind} ${metadata.namespace ?? ""}/${metadata.name}`, {
      containers,
      storage: spec?.resources?.requests,
      selector: spec?.selector,
    }];
  });
  return Object.fromEntries(rows.toSorted(([a], [b]) => a < b ? -1 : 1));
}
