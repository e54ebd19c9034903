/**
 * Checks a sandbox with the facts that a command in it collects (sandbox_facts.sh). The same checks must fail elsewhere, such
 * as in the gateway's container.
 *
 * @module
 */

import { parse } from "yaml";
import type { OutputFile } from "openclaw-pack";
import { textOf } from "../support.ts";
import script from "./sandbox_facts.sh" with { type: "text" };

/** The values of sandbox_facts.sh, by name. */
export type Facts = Readonly<Record<string, string>>;

/** What a sandbox must not reach, and what it must not contain. */
export interface FactsContext {
  /** Values that must not be found. */
  readonly secrets: readonly string[];
  /** `address:port` to try. */
  readonly peers: readonly string[];
}

/** Returns the command that collects the facts. */
export function factsCommand({ secrets, peers }: FactsContext): string {
  // Special characters and the last letter are in brackets, so that the expression does not match itself in the command's text.
  const expression = secrets.map((value) => value.replace(/[^\w-]|\w$/g, "[$&]")).join("|");
  return `export SECRETS='${expression}' PEERS='${peers.join(" ")}'\n${script}`;
}

/** Parses its output. */
export function factsOf(output: string): Facts {
  return Object.fromEntries(
    output.split("\n").flatMap((line) => {
      const [, name, value] = /^([\w.:]+)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value?.trim() ?? ""]];
    }),
  );
}

const NO_CAPABILITY = "0000000000000000";

/** Returns the names of the failed checks. `shut` and `open` are peers. */
export function faultsOf(facts: Facts, { user, init, shut, open }: Expected): string[] {
  const checks: Record<string, boolean> = {
    [`user ${user} alone`]: facts.user === `${user}:${user}:${user}`,
    "its own process namespace": init.test(facts.init ?? ""),
    "no capability": ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].every((set) => facts[set] === NO_CAPABILITY),
    "no new privileges": facts.NoNewPrivs === "1",
    "seccomp filter": facts.Seccomp === "2",
    "read-only root": facts.root === "ro",
    "no secret": facts.secrets === "",
    ...Object.fromEntries(shut.map((peer) => [`${peer} shut`, facts[peer] === "shut"])),
    ...Object.fromEntries(open.map((peer) => [`${peer} open`, facts[peer] === "open"])),
  };
  return Object.entries(checks).filter(([, holds]) => !holds).map(([name]) => name);
}

/** Values that differ between sandboxes. */
export interface Expected {
  /** The number of its user and only group. */
  readonly user: number;
  /** The command line of process 1. */
  readonly init: RegExp;
  readonly shut: readonly string[];
  readonly open: readonly string[];
}

/** Returns every value of the generated fake SSM store. */
export function fakeSecrets(files: readonly OutputFile[]): string[] {
  return Object.values(parse(textOf(files, "kustomize/overlays/trial/fake-ssm.yaml")).data);
}
