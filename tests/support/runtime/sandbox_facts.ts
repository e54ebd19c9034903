/**
 * What a sandbox must be, checked on what a command in it finds out (sandbox_facts.sh). The same checks on the same facts of
 * another place, such as the gateway's own container, must fail.
 *
 * @module
 */

import { parse } from "yaml";
import type { OutputFile } from "openclaw-pack";
import { textOf } from "../support.ts";
import script from "./sandbox_facts.sh" with { type: "text" };

/** Lines `name=value` of sandbox_facts.sh, by name. */
export type Facts = Readonly<Record<string, string>>;

/** Where a sandbox must not get to, and what must not be in it. */
export interface FactsContext {
  /** Values that nobody may find. */
  readonly secrets: readonly string[];
  /** `address:port` to try. */
  readonly peers: readonly string[];
}

/** The command that finds the facts. */
export function factsCommand({ secrets, peers }: FactsContext): string {
  // In brackets what has a meaning, and the last letter: the expression must not match itself in the command's own text.
  const expression = secrets.map((value) => value.replace(/[^\w-]|\w$/g, "[$&]")).join("|");
  return `export SECRETS='${expression}' PEERS='${peers.join(" ")}'\n${script}`;
}

/** Reads its output. */
export function factsOf(output: string): Facts {
  return Object.fromEntries(
    output.split("\n").flatMap((line) => {
      const [, name, value] = /^([\w.:]+)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value?.trim() ?? ""]];
    }),
  );
}

const NO_CAPABILITY = "0000000000000000";

/** Names of the checks that facts do not pass. `shut` and `open` are peers. */
export function faultsOf(facts: Facts, { init, shut, open }: Expected): string[] {
  const checks: Record<string, boolean> = {
    "user 1000 alone": facts.user === "1000:1000:1000",
    "a process space of its own": init.test(facts.init ?? ""),
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

/** What differs between sandboxes. */
export interface Expected {
  /** Command line of process 1. */
  readonly init: RegExp;
  readonly shut: readonly string[];
  readonly open: readonly string[];
}

/** Every value of the fake SSM store, as it is generated. */
export function fakeSecrets(files: readonly OutputFile[]): string[] {
  return Object.values(parse(textOf(files, "kustomize/overlays/trial/fake-ssm.yaml")).data);
}
