/**
 * Stores in SSM the values that only a person has. The AWS CLI reads each from standard input, so that no value appears in an
 * argument list, a file or a shell's history.
 *
 * @module
 */

import * as v from "valibot";
import type { PackConfig } from "../../config/schema.ts";
import { storedValue } from "../../values/secret_format.ts";
import { manualSecrets, type Secret } from "../../model/secrets.ts";
import type { Outcome } from "../../cluster/program.ts";
import { AwsFailed, callFailed, escapeControls, putFailed } from "./failure.ts";
import { DUMMY_VALUE } from "../../values/secret_format.ts";

/** Runs the AWS CLI with arguments and, if given, a text on its standard input. */
export type Aws = (args: readonly string[], input?: string) => Promise<Outcome>;

/**
 * The state of a parameter: `dummy` if it holds Terraform's placeholder, `missing` if it does not exist, `same` if it must
 * differ from another secret but does not, otherwise `set`.
 */
export type ParameterState = "set" | "dummy" | "missing" | "same";

/** Returns the arguments of the AWS CLI that store its standard input in a parameter. */
function putArguments({ aws }: PackConfig, { parameter }: Secret): string[] {
  const how = ["--type", "SecureString", "--overwrite", "--value", "file:///dev/stdin"];
  return ["ssm", "put-parameter", "--region", aws.region, "--name", parameter, ...how];
}

/**
 * Returns the shell commands (bash or zsh) that set every parameter, to read and paste.
 *
 * @example
 * ```ts
 * import { readPack } from "openclaw-pack";
 * import { shellCommands } from "./ssm.ts";
 * import assert from "node:assert/strict";
 *
 * const [first = ""] = shellCommands(readPack("").config).split("\n\n");
 * assert.match(first, /^# ANTHROPIC_API_KEY: /);
 * assert.match(first, /--name \/lolice\/openclaw\/ANTHROPIC_API_KEY .* --value file:\/\/\/dev\/stdin/);
 * ```
 */
export function shellCommands(config: PackConfig): string {
  return manualSecrets(config).map((secret) => {
    const { name, source } = secret;
    const put = ["aws", ...putArguments(config, secret)].join(" ");
    const command = {
      line: `read -rs VALUE && printf %s "$VALUE" | ${put}; unset VALUE`,
      file: `${put} <FILE`,
      random: `openssl rand -hex 32 | tr -d '\\n' | ${put}`,
    }[source.kind];
    return `# ${name}: ${source.where}\n${command}\n`;
  }).join("\n");
}

/** Returns the secret with a name, or undefined if it does not exist. */
export function secretOf(config: PackConfig, name: string): Secret | undefined {
  return manualSecrets(config).find((secret) => secret.name === name);
}

/**
 * Checks that the credentials are for the account of pack.yaml.
 *
 * @throws {AwsFailed} if they are not
 */
export async function checkAccount(aws: Aws, { aws: { accountId, region } }: PackConfig): Promise<void> {
  const args = ["sts", "get-caller-identity", "--region", region, "--query", "Account", "--output", "text"];
  const account = (await succeed(aws, args)).trim();
  if (account === accountId) return;
  throw new AwsFailed(
    `the credentials are for account ${escapeControls(account)}, but aws.accountId in pack.yaml is ${accountId}`,
  );
}

/**
 * Checks that the AWS CLI keeps no history. With `cli_history = enabled` it stores every request and response, including every
 * value, in a file below `~/.aws/cli/history`.
 *
 * @throws {AwsFailed} if it keeps a history
 */
export async function checkHistory(aws: Aws): Promise<void> {
  // Exits with 1 and prints nothing if the setting does not exist. The next call reports a profile that does not exist.
  const { stdout } = await aws(["configure", "get", "cli_history"]);
  if (stdout.trim() !== "enabled") return;
  throw new AwsFailed(
    "the AWS CLI keeps a history (cli_history = enabled), which would store the values in ~/.aws/cli/history/history.db. " +
      "Turn it off with: aws configure set cli_history disabled",
  );
}

/**
 * Stores a value in its parameter. Returns the parameter's new version, or undefined if the AWS CLI succeeds but prints
 * something else. That output is not shown, because it could repeat the value.
 *
 * @throws {ValueRefused} if the value breaks the rule for its secret, before anything is written
 * @throws {AwsFailed} if the AWS CLI fails
 */
export async function putValue(
  aws: Aws,
  config: PackConfig,
  secret: Secret,
  value: string,
): Promise<number | undefined> {
  const stored = storedValue(secret, value);
  const outcome = await aws([...putArguments(config, secret), "--query", "Version", "--output", "text"], stored);
  if (outcome.code !== 0) throw putFailed(outcome, { ...secret, region: config.aws.region });
  const version = outcome.stdout.trim();
  // The value itself may be a number. Three digits of it reveal nothing, and no parameter reaches a million versions.
  const repeated = version.length > 3 && stored.includes(version);
  return /^[1-9][0-9]{0,5}$/.test(version) && !repeated ? Number(version) : undefined;
}

/** Returns a random value of 256 bits for a secret. */
export function randomValue(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toHex();
}

/** The maximum number of parameters in one call of `get-parameters`. */
const MAX_NAMES = 10;

/** The result that is requested from `get-parameters`: names, never values. */
const STATES = v.object({ dummy: v.array(v.string()), missing: v.array(v.string()) });

/**
 * Returns the state of every parameter that a person sets. The AWS CLI compares the values (`--query`), so that they never
 * reach this process.
 *
 * @throws {AwsFailed} if the AWS CLI fails
 */
export async function parameterStates(aws: Aws, config: PackConfig): Promise<Map<Secret, ParameterState>> {
  const secrets = manualSecrets(config);
  const states = new Map<Secret, ParameterState>();
  for (let first = 0; first < secrets.length; first += MAX_NAMES) {
    const some = secrets.slice(first, first + MAX_NAMES);
    const query = `{dummy: Parameters[?Value=='${DUMMY_VALUE}'].Name, missing: InvalidParameters}`;
    const { dummy, missing } = await ask(aws, config, some, query, STATES);
    for (const secret of some) {
      const state = missing.includes(secret.parameter) ? "missing" : dummy.includes(secret.parameter) ? "dummy" : "set";
      states.set(secret, state);
    }
  }
  for (const [secret, other] of pairs(config)) {
    const bothSet = [secret, other].every(({ name }) => {
      return [...states].some(([row, state]) => row.name === name && state === "set");
    });
    if (!bothSet || !await haveSameValue(aws, config, secret, other)) continue;
    for (const row of states.keys()) if (row.name === secret.name) states.set(row, "same");
  }
  return states;
}

/**
 * Returns the secret that must differ from this one but has the same value. The AWS CLI can compare them only once both values
 * are stored: a value that is not stored yet would have to be an argument of the comparison.
 *
 * @throws {AwsFailed} if the AWS CLI fails
 */
export async function sameAs(aws: Aws, config: PackConfig, { name }: Secret): Promise<Secret | undefined> {
  for (const pair of pairs(config)) {
    const other = pair.find((secret) => secret.name !== name);
    if (!pair.some((secret) => secret.name === name) || other === undefined) continue;
    if (await haveSameValue(aws, config, ...pair)) return other;
  }
  return undefined;
}

/** Returns the pairs of secrets that must differ. */
function pairs(config: PackConfig): (readonly [Secret, Secret])[] {
  return manualSecrets(config).flatMap((secret) => {
    const other = secret.format.differsFrom && secretOf(config, secret.format.differsFrom);
    return other ? [[secret, other] as const] : [];
  });
}

async function haveSameValue(aws: Aws, config: PackConfig, ...pair: readonly [Secret, Secret]): Promise<boolean> {
  // Two missing parameters would be equal, because null equals null.
  const query = "length(Parameters) == `2` && Parameters[0].Value == Parameters[1].Value";
  return await ask(aws, config, pair, query, v.boolean());
}

/** Runs a query on some parameters. The query reads their values, and must not return them. */
async function ask<T>(
  aws: Aws,
  config: PackConfig,
  secrets: readonly Secret[],
  query: string,
  answer: v.GenericSchema<unknown, T>,
): Promise<T> {
  const args = ["ssm", "get-parameters", "--region", config.aws.region, "--with-decryption", "--output", "json"];
  const names = ["--names", ...secrets.map(({ parameter }) => parameter)];
  const stdout = await succeed(aws, [...args, "--query", query, ...names]);
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), answer), stdout);
  if (result.success) return result.output;
  // Shows neither the output nor the parser's error, which repeats part of it.
  throw new AwsFailed(
    "aws ssm get-parameters printed unexpected output, which is not shown because it could contain values; " +
      "check that aws on the PATH is the AWS CLI",
  );
}

async function succeed(aws: Aws, args: readonly string[]): Promise<string> {
  const outcome = await aws(args);
  if (outcome.code === 0) return outcome.stdout;
  throw callFailed(args.slice(0, 2).join(" "), outcome);
}
