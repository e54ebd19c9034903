/**
 * Rules on resources and programs.
 *
 * @module
 */

import { TOOLS } from "../../tables/pins.ts";
import { toBytes, toMillicores } from "../../values/quantity.ts";
import type { ConfigFinding } from "../finding.ts";
import type { PackConfig } from "../schema.ts";

export function requestsWithinLimits({ resources }: PackConfig): ConfigFinding[] {
  return Object.entries(resources).flatMap(([name, row]): ConfigFinding[] => [
    ...(toMillicores(row.cpuRequest) > toMillicores(row.cpuLimit)
      ? [{ path: ["resources", name, "cpuRequest"], message: `is more than cpuLimit, ${row.cpuLimit}` }]
      : []),
    ...(toBytes(row.memoryRequest) > toBytes(row.memoryLimit)
      ? [{ path: ["resources", name, "memoryRequest"], message: `is more than memoryLimit, ${row.memoryLimit}` }]
      : []),
  ]);
}

/** Memory limits below which the real programs were killed. */
const MIN_MEMORY = { openclaw: "2Gi", litellm: "1Gi" } as const;

export function enoughMemory({ resources }: PackConfig): ConfigFinding[] {
  return Object.entries(MIN_MEMORY).flatMap(([name, min]): ConfigFinding[] => {
    const { memoryLimit } = resources[name as keyof typeof MIN_MEMORY];
    if (toBytes(memoryLimit) >= toBytes(min)) return [];
    return [{
      path: ["resources", name, "memoryLimit"],
      message: `${name} runs out of memory and is killed below ${min}`,
      suggestion: min,
    }];
  });
}

/** With a checksum of another version the tool would not be installed, and only the log of the gateway's pod would say so. */
export function checksumsMatchVersion({ tools }: PackConfig): ConfigFinding[] {
  return (["codex", "gh"] as const).flatMap((name) =>
    (["amd64", "arm64"] as const).flatMap((architecture): ConfigFinding[] =>
      tools[name].version !== TOOLS[name].version && tools[name][architecture] === TOOLS[name][architecture]
        ? [{
          path: ["tools", name, architecture],
          message: `is the checksum of ${name} ${TOOLS[name].version}; write that of ${tools[name].version}`,
        }]
        : []
    )
  );
}
