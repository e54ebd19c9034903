/**
 * `deno task ssm`: puts the values that only a person has into SSM, or tells how.
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
    throw new UsageError("without a terminal --run takes one NAME, whose value comes on standard input");
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
    // Its message repeats the argument, which may be a value in the wrong place (a private key begins with hyphens).
    if (error.code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION") throw error;
    throw new UsageError("there is an unknown option, which is not shown since it could be a value");
  }
}

function named(config: PackConfig, name: string, index: number): Secret {
  const secret = secretOf(config, name);
  if (secret !== undefined) return secret;
  const names = manualSecrets(config).map((row) => row.name).join(", ");
  // A value that was given instead of a name is never repeated.
  throw new UsageError(
    `NAME number ${index + 1} is not the name of a secret; expected one of: ${names}. ` +
      "A value comes on standard input, never as an argument",
  );
}

/** Before anything else: a request that stays in the CLI's history, or goes to another account, is not to be made. */
async function checkCli(config: PackConfig): Promise<void> {
  await checkHistory(awsCli);
  await checkAccount(awsCli, config);
}

async function check(config: PackConfig): Promise<number> {
  await checkCli(config);
  const states = [...await parameterStates(awsCli, config)];
  const meaning: Record<ParameterState, (secret: Secret) => string> = {
    set: () => "set",
    dummy: () => "still the placeholder: deno task ssm --run",
    missing: () => "not there: apply the Terraform first",
    same: ({ name, format }) =>
      `the same value as ${format.differsFrom}, so LiteLLM does not start: deno task ssm --run ${name}`,
  };
  for (const [secret, state] of states) console.log(`${secret.parameter}: ${meaning[state](secret)}`);
  return states.every(([, state]) => state === "set") ? 0 : 1;
}

/** Asks for one value after another; an empty answer leaves the parameter as it is. */
async function ask(config: PackConfig, secrets: readonly Secret[]): Promise<number> {
  // From the start: a line that is pasted before its question must not be shown either.
  await using terminal = hiddenTerminal();
  await checkCli(config);
  const states = [...await parameterStates(awsCli, config)];
  const open = secrets.length > 0 ? secrets : states.filter(([, state]) => state !== "set").map(([secret]) => secret);
  if (open.length === 0) console.log("every parameter is set; name one to replace its value");
  for (const secret of open) {
    const { name, source } = secret;
    if (source.kind === "file") {
      console.error(`${name}: ${source.where}; hand it over with: deno task ssm --run ${name} <FILE`);
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
  return await tellSame(config, secret);
}

async function put(config: PackConfig, secret: Secret, value: string): Promise<void> {
  const version = await putValue(awsCli, config, secret, value);
  const told = version === undefined
    ? "written; the AWS CLI's answer is no version number and is not shown, since it could repeat the value"
    : `version ${version}`;
  console.log(`${secret.parameter}: ${told}`);
}

/** Tells of two keys that must differ and do not: only a value that somebody made can be another's. */
async function tellSame(config: PackConfig, secret: Secret): Promise<number> {
  try {
    const other = await sameAs(awsCli, config, secret);
    if (other === undefined) return 0;
    console.error(
      `${secret.name} is written, but it has the same value as ${other.name}: LiteLLM refuses to start with it. ` +
        `Write another one: openssl rand -hex 32 | deno task ssm --run ${secret.name}`,
    );
  } catch (error) {
    if (!(error instanceof AwsFailed)) throw error;
    console.error(
      `${secret.name} is written, but whether it differs from the other key of LiteLLM is not known: ${error.message}`,
    );
  }
  return 1;
}
