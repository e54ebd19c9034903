/**
 * Reads pack.yaml: every fault at once, each with its place and, where it can be guessed, what to write instead.
 *
 * @module
 */

import { closest, distance } from "fastest-levenshtein";
import * as v from "valibot";
import { type Document, isMap, isNode, isScalar, type Node, parseDocument } from "yaml";
import { type ConfigPath, type Fault, PackFaults, type Position } from "./fault.ts";
import { ownNodeLabels } from "../tables/apart.ts";
import { cloudflareTarget, LONGEST_LABEL, longestLabel } from "../tables/targets.ts";
import { type Finding, RULES } from "./rules.ts";
import { type PackConfig, PackSchema } from "./schema.ts";

/** What {@linkcode readPack} gives. */
export interface Pack {
  readonly config: PackConfig;
  /** What is allowed but will surprise, with its place. */
  readonly warnings: readonly Fault[];
}

/**
 * Reads the text of a pack.yaml. Every field has a default, so that an empty text is lolice's deployment.
 *
 * @param text the file's text
 * @param file its name, for messages
 * @throws {PackFaults} with all faults, when there is one
 *
 * @example
 * ```ts
 * import { readPack } from "openclaw-pack";
 * import assert from "node:assert/strict";
 *
 * const { config } = readPack("hostname: claw.example.com\nzone: example.com\n");
 * assert.equal(config.hostname, "claw.example.com");
 * assert.equal(config.cluster.namespace, "openclaw");
 *
 * assert.throws(() => readPack("hostnam: claw.example.com\n"), {
 *   message: 'pack.yaml:1:1: hostnam: unknown field (write "hostname")',
 * });
 * ```
 */
export function readPack(text: string, file = "pack.yaml"): Pack {
  const source = parseSource(text, file);
  const { value, at } = source;
  const result = v.safeParse(PackSchema, value);
  const wrong = [...(result.issues ?? []).flatMap((issue) => explain(issue, value)), ...lists(value, [])];
  const rest = result.success ? result.output : restOf(value, wrong);
  // An unknown field may be a known one with a slip in it.
  const doubtful = wrong.flatMap(({ path, suggestion }) => [path, [...path.slice(0, -1), suggestion ?? ""]]);
  const between = RULES.filter(({ reads }) => !reads.some((field) => doubtful.some((path) => overlaps(path, field))))
    .flatMap(({ find }) => find(rest));
  const faults = [...wrong, ...between].map((finding): Fault => ({ ...finding, position: at(finding.path) }));
  if (faults.length > 0) throw new PackFaults(file, inOrder(faults));
  return {
    config: rest,
    warnings: warn(rest).map((finding) => ({ ...finding, position: at(finding.path) })),
  };
}

function warn(config: PackConfig): Finding[] {
  return [
    ...nobodyOnDiscord(config),
    ...labelTooLong(config),
    ...tolerationsWithoutNode(config),
    ...toleratesControlPlane(config),
    ...gatewayKeepsRuntime(config),
  ];
}

/** A toleration lets the pod in and draws it nowhere: without a label it runs on any node, and the tainted one may stay empty. */
function tolerationsWithoutNode({ cluster }: PackConfig): Finding[] {
  if (cluster.tolerations.length === 0 || ownNodeLabels(cluster.nodeSelector).length > 0) return [];
  return [{
    path: ["cluster", "tolerations"],
    message:
      "admit the gateway to its node, but do not bring it there; add a label of that node to cluster.nodeSelector",
  }];
}

const CONTROL_PLANE = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/** On such a node lie the keys to the whole cluster. */
function toleratesControlPlane({ cluster, sandbox }: PackConfig): Finding[] {
  if (sandbox.backend !== "docker") return [];
  return cluster.tolerations.flatMap(({ key }, index): Finding[] =>
    key === undefined || CONTROL_PLANE.includes(key)
      ? [{
        path: ["cluster", "tolerations", index],
        message:
          `admits the privileged docker daemon to the nodes of the control plane, and whoever takes over one of ` +
          `those has the cluster; name the taint of the gateway's own node instead`,
      }]
      : []
  );
}

/** The same reason for which the docker sandbox cannot have both; see the rule `backupNeedsOneKernel`. */
function gatewayKeepsRuntime({ backup, cluster, sandbox }: PackConfig): Finding[] {
  if (cluster.runtimeClassName === undefined || !backup.enabled || sandbox.backend !== "ssh") return [];
  return [{
    path: ["cluster", "runtimeClassName"],
    message:
      "goes to the sandbox's pod alone: the backup reads SQLite beside the running gateway, which needs one kernel " +
      "for both; with backup.enabled: false the gateway's pod gets it as well",
  }];
}

function nobodyOnDiscord({ discord }: PackConfig): Finding[] {
  if (!discord.enabled || discord.allowFrom.length > 0) return [];
  return [{
    path: ["discord", "allowFrom"],
    message: "is empty, so nobody on Discord is admitted; list the user IDs to admit, in quotes",
  }];
}

/** Not a fault: without tfaction, or with short names for targets in its configuration, it does no harm. */
function labelTooLong(config: PackConfig): Finding[] {
  const label = longestLabel(cloudflareTarget(config));
  const excess = label.length - LONGEST_LABEL;
  if (excess <= 0) return [];
  return [{
    path: config.cloudflare.directory === undefined ? ["zone"] : ["cloudflare", "directory"],
    message:
      `tfaction would make the label "${label}" of ${label.length} characters, and GitHub takes ${LONGEST_LABEL}; ` +
      `set cloudflare.directory to a folder that is ${excess} shorter, or map the target in tfaction-root.yaml`,
  }];
}

interface Source {
  readonly value: unknown;
  readonly at: (path: ConfigPath) => Position;
}

function parseSource(text: string, file: string): Source {
  const document = parseDocument(text, { prettyErrors: false, logLevel: "error" });
  // Not by yaml's LineCounter, which is wrong behind a plain text of several lines.
  const position = (offset: number): Position => {
    const lines = text.slice(0, offset).split("\n");
    return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
  };
  const whole = (message: string, offset = 0): never => {
    throw new PackFaults(file, [{ path: [], message, position: position(offset) }]);
  };
  if (document.errors.some(({ code }) => code === "MULTIPLE_DOCS")) {
    return whole("expected one document, but a line of --- begins another", document.errors[0]?.pos[0]);
  }
  if (document.errors.length > 0) {
    throw new PackFaults(
      file,
      inOrder(document.errors.map(({ message, pos }) => ({ path: [], message, position: position(pos[0]) }))),
    );
  }
  let value: unknown;
  try {
    // An alias that unfolds without end, or that has no anchor, is only found here.
    value = withoutNulls(document.toJS({ maxAliasCount: 100 })) ?? {};
  } catch (error) {
    if (error instanceof RangeError) return whole("an alias stands inside its own anchor");
    return whole(`not readable as YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || Array.isArray(value)) whole("expected a mapping of fields to values");
  return { value, at: (path) => position(offsetOf(document, path)) };
}

/** A field without a value (`aws:` with every line below it commented out) is a field that is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value ?? undefined;
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new Error("tags such as !!set and !!omap have no use here");
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, withoutNulls(child)]).filter(([, child]) => child !== undefined),
  );
}

/** Where the value at `path` begins; where there is none, its nearest ancestor. A key's own place for a mapping's entry. */
function offsetOf(document: Document, path: ConfigPath): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, key] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined || !isScalar(pair.key)) return offset;
      offset = pair.key.range?.[0] ?? offset;
      node = isNode(pair.value) ? pair.value : null;
    } else {
      const child: unknown = document.getIn(path.slice(0, depth + 1), true);
      node = isNode(child) ? child : null;
      offset = node?.range?.[0] ?? offset;
    }
    if (node === null) return offset;
  }
  return offset;
}

type Issue = v.InferIssue<typeof PackSchema>;

/** One or more findings for an issue of the schema: it names only the first unknown key of a mapping. */
function pathOf(issue: Issue): ConfigPath {
  return (issue.path ?? []).map(({ key }) => key as string | number);
}

function explain(issue: Issue, root: unknown): Finding[] {
  const path = pathOf(issue);
  if (issue.type === "strict_object" && issue.expected === "never") {
    return unknownKeys(path.slice(0, -1), root);
  }
  if (issue.type === "picklist") {
    return [{ path, message: issue.message, ...suggest(issue.input, optionsAt(path).map(String)) }];
  }
  if (issue.type === "strict_object" && issue.received === "undefined" && path.length > 0) {
    return [{ path, message: "is missing" }];
  }
  return [{ path, message: issue.message }];
}

function unknownKeys(path: ConfigPath, root: unknown): Finding[] {
  const value = path.reduce<unknown>((parent, key) => (parent as Record<string, unknown>)[key], root);
  // A list where a mapping belongs is reported as such.
  if (Array.isArray(value)) return [];
  const known = Object.keys(entriesAt(path));
  return Object.keys(value as Record<string, unknown>)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: [...path, key], message: "unknown field", ...suggest(key, known) }));
}

/** Lists where a mapping belongs; valibot takes any object for one. */
function lists(value: unknown, path: ConfigPath): Finding[] {
  if (typeof value !== "object" || value === null) return [];
  const { entries } = schemaAt(path);
  if (Array.isArray(value) && entries !== undefined) {
    return [{ path, message: `expected a mapping of ${Object.keys(entries).join(", ")}` }];
  }
  return Object.entries(value).flatMap(([key, child]) =>
    lists(child, [...path, Array.isArray(value) ? Number(key) : key])
  );
}

/** The nearest of `choices`, unless none is near: at most half of the letters may differ. */
function suggest(input: unknown, choices: readonly string[]): { suggestion?: string } {
  if (typeof input !== "string" || choices.length === 0) return {};
  const nearest = closest(input.toLowerCase(), choices.map((choice) => choice.toLowerCase()));
  const choice = choices.find((candidate) => candidate.toLowerCase() === nearest);
  if (choice === undefined || distance(input.toLowerCase(), nearest) > Math.ceil(nearest.length / 2)) return {};
  return { suggestion: choice };
}

/** What valibot's schemas have that is needed to walk down them. */
interface AnySchema {
  readonly entries?: Record<string, AnySchema>;
  readonly wrapped?: AnySchema;
  readonly item?: AnySchema;
  readonly options?: readonly (string | number)[];
}

function schemaAt(path: ConfigPath): AnySchema {
  const unwrap = (schema: AnySchema): AnySchema => schema.wrapped === undefined ? schema : unwrap(schema.wrapped);
  return path.reduce<AnySchema>(
    (schema, key) => unwrap((typeof key === "number" ? schema.item : schema.entries?.[key]) ?? {}),
    PackSchema as AnySchema,
  );
}

const entriesAt = (path: ConfigPath) => schemaAt(path).entries ?? {};
const optionsAt = (path: ConfigPath) => schemaAt(path).options ?? [];

/** The configuration without what is wrong. A mapping that misses a field that it must have is left out as a whole. */
function restOf(value: unknown, wrong: readonly Finding[]): PackConfig {
  const left = without(value, wrong.map(({ path }) => path));
  const result = v.safeParse(PackSchema, left);
  if (result.success) return result.output;
  return restOf(left, result.issues.map((issue) => ({ path: pathOf(issue).slice(0, -1), message: issue.message })));
}

/**
 * The value less what is wrong in it, so that the rules between fields can look at the rest. A list with a fault in it is
 * left out as a whole, since taking out one item would move the places of the others.
 */
function without(value: unknown, paths: readonly ConfigPath[]): unknown {
  const copy = structuredClone(value);
  for (const path of paths) {
    const list = path.findIndex((key) => typeof key === "number");
    const target = list === -1 ? path : path.slice(0, list);
    if (target.length === 0) return {};
    let parent: unknown = copy;
    for (const key of target.slice(0, -1)) parent = (parent as Record<string, unknown> | undefined)?.[key];
    if (typeof parent === "object" && parent !== null) Reflect.deleteProperty(parent, String(target.at(-1)));
  }
  return copy;
}

function overlaps(left: ConfigPath, right: ConfigPath): boolean {
  return left.every((key, index) => index >= right.length || key === right[index]);
}

function inOrder(faults: readonly Fault[]): Fault[] {
  return faults.toSorted((a, b) => a.position.line - b.position.line || a.position.column - b.position.column);
}
