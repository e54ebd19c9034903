/**
 * Facts about LiteLLM's package, determined in the Deployment's image.
 *
 * @module
 */

import { join } from "node:path";
import { imageVersion } from "../../../src/values/image_reference.ts";
import { installed, keyOf } from "../tools.ts";
import { type Json, objectOf } from "../support.ts";
import { withContainer } from "./objects.ts";
import { startPod } from "./pod.ts";

/** Returns the JSON that a script of this folder prints after `<word> `. Runs it once for each version of LiteLLM. */
export async function askLitellm<T>(objects: readonly Json[], file: string, word: string): Promise<T> {
  const script = await Deno.readTextFile(new URL(file, import.meta.url));
  // The image without its server and without its limits, which are meant for one process.
  const idle = withContainer(objects, "litellm", "litellm", (container) => {
    container.command = ["sleep", "infinity"];
    for (const field of ["args", "startupProbe", "readinessProbe", "resources"]) delete container[field];
  });
  const { containers } = objectOf(objects, "Deployment", "litellm").spec.template.spec;
  const { image } = containers.find(({ name }: Json) => name === "litellm");
  const folder = await installed(
    `litellm-answer-${word}-${imageVersion(image)}-${await keyOf([script])}`,
    async (folder) => {
      await using pod = await startPod({ objects: idle, deployment: "litellm", without: ["key-proxy"] });
      const { code, stdout, stderr } = await pod.exec("litellm", ["python3", "-"], {
        stdin: script,
        timeoutMs: 300_000,
      });
      if (code !== 0) throw new Error(stderr);
      await Deno.writeTextFile(join(folder, "answer.json"), stdout.slice(stdout.indexOf(`${word} `) + word.length + 1));
    },
  );
  return JSON.parse(await Deno.readTextFile(join(folder, "answer.json")));
}
