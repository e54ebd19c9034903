/**
 * Draws the diagram of the deployment from the tables of secrets and flows.
 *
 * @module
 */

import type { Target } from "../model/flows.ts";
import { type Model, namespacesOf } from "../model/model.ts";

/** Returns a Mermaid flowchart: the workloads with their secrets, and an arrow for each flow. */
export function diagram(model: Model): string {
  const namespaces = namespacesOf(model);
  const edges = model.flows.filter(({ to }) => to.kind !== "dns").map(({ from, to, ports }) => {
    const numbers = [...new Set(ports.map(({ port }) => port))].join(", ");
    return `  ${from} -- "${numbers}" --> ${nodeOf(to)}`;
  });
  return [
    "flowchart LR",
    '  browser(["browser"]) -- "Cloudflare Access" --> edge',
    '  edge["Cloudflare edge"] -. "tunnel" .-> cloudflared',
    '  internet(["internet"])',
    ...namespaces.flatMap((namespace) => [
      `  subgraph ${idOf(namespace)}["namespace ${namespace}"]`,
      ...model.workloads.filter((workload) => workload.namespace === namespace).map(({ name, readers }) => {
        const lines = readers.flatMap((reader) => [
          ...(reader.name === name ? [] : [`<i>${reader.name}</i>`]),
          ...reader.reads.map(({ secret }) => secret.name),
        ]);
        return `    ${name}["<b>${name}</b><br>${lines.join("<br>")}"]`;
      }),
      "  end",
    ]),
    ...edges,
    "",
  ].join("\n");
}

function nodeOf(to: Target): string {
  switch (to.kind) {
    case "workload":
      return to.workload;
    case "pods": {
      const labels = Object.values(to.pods.labels).join(" ");
      const name = `${to.pods.namespace}/${labels}`;
      return `${idOf(name)}["${name}"]`;
    }
    case "dns":
    case "internet":
      return to.kind;
  }
}

/** Replaces any other character with its number, because Mermaid's IDs allow only letters, digits and underscores. */
function idOf(name: string): string {
  return `x_${name.replaceAll(/\W/gu, (character) => `_${character.codePointAt(0)}_`)}`;
}
