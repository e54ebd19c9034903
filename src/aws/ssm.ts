/**
 * The values that only a person has, on their way into SSM. The aws CLI reads each from standard input, so that no value ever
 * stands in an argument list, a file or a shell's history.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import { DUMMY_VALUE, manualSecrets, type Secret } from "../model/secrets.ts";
import type { Outcome } from "../program.ts";

/** Runs the aws CLI with arguments and, where given, a text on its standard input. */
export type Aws = (args: readonly string[], input?: string) => Promise<Outcome>;

/** Thrown when the aws CLI fails or its credentials are for another account; the message holds no value. */
export class AwsFailed extends Error {
  override readonly name = "AwsFailed";
}

/** State of a parameter: `dummy` as Terraform made it, `missing` when Terraform has not, else `set`. */
export type ParameterState = "set" | "dummy" | "missing";

/** Arguments of the aws CLI that put what comes on standard input into a parameter. */
function putArguments({ aws }: PackConfig, { parameter }: Secret): string[] {
  const how = ["--type", "SecureString", "--overwrite", "--value", "file:///dev/stdin"];
  return ["ssm", "put-parameter", "--region", aws.region, "--name", parameter, ...how];
}

/**
 * The commands for a shell (bash or zsh) that set every parameter, as text to read and paste.
 *
 * @example
 * ```ts
 * import { readPack, shellCommands } from "openclaw-pack";
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

/** The secret of a name. @throws {RangeError} with the names that there are */
export function secretOf(config: PackConfig, name: string): Secret {
  const secrets = manualSecrets(config);
  const found = secrets.find((secret) => secret.name === name);
  if (found !== undefined) return found;
  throw new RangeError(`no secret ${name}; there are ${secrets.map((secret) => secret.name).join(", ")}`);
}

/** Sees to it that the credentials are for the account of pack.yaml. @throws {AwsFailed} when they are not */
export async function checkAccount(aws: Aws, { aws: { accountId, region } }: PackConfig): Promise<void> {
  const args = ["sts", "get-caller-identity", "--region", region, "--query", "Account", "--output", "text"];
  const account = (await succeed(aws, args)).trim();
  if (account === accountId) return;
  throw new AwsFailed(`the credentials are for account ${account}, but aws.accountId in pack.yaml is ${accountId}`);
}

/** Puts a value into its parameter; gives the parameter's new version. @throws {AwsFailed} */
export async function putValue(aws: Aws, config: PackConfig, secret: Secret, value: string): Promise<number> {
  const args = [...putArguments(config, secret), "--query", "Version", "--output", "text"];
  return Number((await succeed(aws, args, value)).trim());
}

/** A value for a secret that nobody has to know beforehand: 256 bits. */
export function randomValue(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toHex();
}

/** What `get-parameters` takes at a time. */
const AT_A_TIME = 10;

/**
 * The state of every parameter that a person sets. The values are compared inside the aws CLI (`--query`) and never reach this
 * process.
 *
 * @throws {AwsFailed}
 */
export async function parameterStates(aws: Aws, config: PackConfig): Promise<Map<Secret, ParameterState>> {
  const secrets = manualSecrets(config);
  const states = new Map<Secret, ParameterState>();
  for (let first = 0; first < secrets.length; first += AT_A_TIME) {
    const some = secrets.slice(first, first + AT_A_TIME);
    const query = `{dummy: Parameters[?Value=='${DUMMY_VALUE}'].Name, missing: InvalidParameters}`;
    const args = ["ssm", "get-parameters", "--region", config.aws.region, "--with-decryption", "--output", "json"];
    const names = ["--names", ...some.map(({ parameter }) => parameter)];
    const answer = JSON.parse(await succeed(aws, [...args, "--query", query, ...names])) as {
      dummy: string[];
      missing: string[];
    };
    for (const secret of some) {
      const state = answer.missing.includes(secret.parameter)
        ? "missing"
        : answer.dummy.includes(secret.parameter)
        ? "dummy"
        : "set";
      states.set(secret, state);
    }
  }
  return states;
}

async function succeed(aws: Aws, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await aws(args, input);
  if (code === 0) return stdout;
  // An error of the service may repeat what it was given.
  const said = input === undefined ? stderr : stderr.replaceAll(input, "***");
  throw new AwsFailed(`aws ${args.slice(0, 2).join(" ")} failed: ${said.trim()}`);
}
