/**
 * `deno task ssm`: stores in SSM the values that only a person has, or prints the commands to do so.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { awsCli } from "../src/commands/ssm/cli.ts";
import { AwsFailed } from "../src/commands/ssm/failure.ts";
import {
  checkAccount,
  checkHistory,
  type ParameterState,
  parameterStates,
  putValue,
  randomValue,
  sameAs,
  secretOf,
  shellCommands,
} from "../src/commands/ssm/ssm.ts";
import type { PackConfig } from "../src/config/schema.ts";
import { manualSecrets, type Secret } from "../src/model/secrets.ts";
import { readConfig } from "./config.ts";
import { hiddenTerminal } from "./hidden.ts";
import { run, UsageError } from "./run.ts";

const USAGE = `Usage: deno task ssm [--run [NAME...] | --check] [--config FILE]

Prints the commands that store each secret's real value in SSM.

  --run          run them with the AWS CLI, for every parameter that still holds the placeholder or for each NAME. Asks for
                 each value on the terminal; without a terminal, standard input is the value of the one NAME
  --check        list the parameters that still hold the placeholder; exit with 1 if any does, or is missing
  --config FILE  the configuration (default: pack.yaml of this project)`;

await run(USAGE, async (args) => {
  const { values, positionals: names } = parse(args);
  if (values.run && values.check) throw new UsageError("--run and --check are mutually exclusive");
  if (names.length > 0 && !values.run) throw new UsageError("NAME requires --run");
  const { config } = await readConfig(values.config);
  if (!values.run && !values.check) {
    console.log(shellCommands(config).trimEnd());
    return 0;
  }
  const secrets = names.map((name, index) => named(config, name, index));
  const terminal = Deno.stdin.isTerminal();
  if (values.run && !terminal && secrets.length !== 1) {
    throw new UsageError("without a terminal, --run requires one NAME, whose value is read from standard input");
  }
  if (values.check) return await check(config);
  return terminal ? await ask(config, secrets) : await pipe(config, secrets);
});

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        run: { type: "boolean", default: false },
        check: { type: "boolean", default: false },
        config: { type: "string" },
      },
    });
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    // The message repeats the argument, which may be a misplaced value (a private key begins with hyphens).
    if (error.code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION") throw error;
    throw new UsageError("unknown option, which is not shown because it could be a value");
  }
}

function named(config: PackConfig, name: string, index: number): Secret {
  const secret = secretOf(config, name);
  if (secret !== undefined) return secret;
  const names = manualSecrets(config).map((row) => row.name).join(", ");
  // The argument is not repeated, because it could be a value.
  throw new UsageError(
    `NAME number ${index + 1} is not the name of a secret; expected one of: ${names}. ` +
      "Pass a value on standard input, never as an argument",
  );
}

/** Checks the AWS CLI before any other call, so that no request is stored in its history or sent to another account. */
async function checkCli(config: PackConfig): Promise<void> {
  await checkHistory(awsCli);
  await checkAccount(awsCli, config);
}

async function check(config: PackConfig): Promise<number> {
  await checkCli(config);
  const states = [...await parameterStates(awsCli, config)];
  const meaning: Record<ParameterState, (secret: Secret) => string> = {
    set: () => "set",
    dummy: () => "still the placeholder; run deno task ssm --run",
    missing: () => "does not exist; apply the Terraform first",
    same: ({ name, format }) =>
      `has the same value as ${format.differsFrom}, so LiteLLM does not start; run deno task ssm --run ${name}`,
  };
  for (const [secret, state] of states) console.log(`${secret.parameter}: ${meaning[state](secret)}`);
  return states.every(([, state]) => state === "set") ? 0 : 1;
}

/** Asks for one value after another; an empty answer keeps the parameter unchanged. */
async function ask(config: PackConfig, secrets: readonly Secret[]): Promise<number> {
  // Hides input from the start, because a line that is pasted before its question must not be shown either.
  await using terminal = hiddenTerminal();
  await checkCli(config);
  const states = [...await parameterStates(awsCli, config)];
  const open = secrets.length > 0 ? secrets : states.filter(([, state]) => state !== "set").map(([secret]) => secret);
  if (open.length === 0) console.log("every parameter is set; to replace a value, add its NAME");
  for (const secret of open) {
    const { name, source } = secret;
    if (source.kind === "file") {
      console.error(`${name}: ${source.where}; store it with: deno task ssm --run ${name} <FILE`);
      continue;
    }
    if (source.kind === "random") {
      await put(config, secret, randomValue());
      continue;
    }
    const value = await terminal.ask(`${name} (${source.where}; leave empty to keep): `);
    if (value === undefined) return 1;
    if (value.trim() !== "") await put(config, secret, value);
  }
  return 0;
}

async function pipe(config: PackConfig, [secret]: readonly Secret[]): Promise<number> {
  if (secret === undefined) return 2;
  const value = await new Response(Deno.stdin.readable).text();
  await checkCli(config);
  await put(config, secret, value);
  return await reportSame(config, secret);
}

async function put(config: PackConfig, secret: Secret, value: string): Promise<void> {
  const version = await putValue(awsCli, config, secret, value);
  const result = version === undefined
    ? "written; the AWS CLI's output is not a version number and is not shown, because it could repeat the value"
    : `version ${version}`;
  console.log(`${secret.parameter}: ${result}`);
}

/** Reports two keys that must differ but do not; only a value that a person chose can be the same as another. */
async function reportSame(config: PackConfig, secret: Secret): Promise<number> {
  try {
    const other = await sameAs(awsCli, config, secret);
    if (other === undefined) return 0;
    console.error(
      `${secret.name} was written, but has the same value as ${other.name}, so LiteLLM will not start. ` +
        `Store another value with: openssl rand -hex 32 | deno task ssm --run ${secret.name}`,
    );
  } catch (error) {
    if (!(error instanceof AwsFailed)) throw error;
    console.error(
      `${secret.name} was written, but could not be compared with LiteLLM's other key: ${error.message}`,
    );
  }
  return 1;
}
