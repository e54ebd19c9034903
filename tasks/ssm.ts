/**
 * `deno task ssm`: puts the values that only a person has into SSM, or tells how.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { awsCli } from "../src/aws/cli.ts";
import {
  AwsFailed,
  checkAccount,
  type ParameterState,
  parameterStates,
  putValue,
  randomValue,
  secretOf,
  shellCommands,
} from "../src/aws/ssm.ts";
import type { PackConfig } from "../src/config/schema.ts";
import { DUMMY_VALUE, type Secret } from "../src/model/secrets.ts";
import { readConfig } from "./config.ts";
import { readHidden } from "./hidden.ts";
import { run, UsageError } from "./run.ts";

const USAGE = `Usage: deno task ssm [--run [NAME...] | --check] [--config FILE]

Prints the commands that put each secret's real value into SSM.

  --run          run them with the aws CLI: every parameter that still holds the dummy, or those of the NAMEs. Asks for
                 each value on the terminal; without one, the value of the one NAME comes on standard input
  --check        tell which parameters still hold the dummy; exit with 1 when any does, or is missing
  --config FILE  the configuration (default: pack.yaml of this project)`;

await run(USAGE, async (args) => {
  const { values, positionals: names } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      run: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      config: { type: "string" },
    },
  });
  if (values.run && values.check) throw new UsageError("--run and --check are two things: name one of them");
  if (names.length > 0 && !values.run) throw new UsageError(`${names[0]}: names belong to --run`);
  const { config } = await readConfig(values.config);
  if (values.check) return await check(config);
  if (!values.run) {
    console.log(shellCommands(config).trimEnd());
    return 0;
  }
  const secrets = names.map((name) => named(config, name));
  if (!Deno.stdin.isTerminal() && secrets.length !== 1) {
    throw new UsageError("without a terminal --run takes one NAME, whose value comes on standard input");
  }
  await checkAccount(awsCli, config);
  return Deno.stdin.isTerminal() ? await ask(config, secrets) : await pipe(config, secrets);
});

function named(config: PackConfig, name: string): Secret {
  try {
    return secretOf(config, name);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(error.message);
  }
}

async function check(config: PackConfig): Promise<number> {
  await checkAccount(awsCli, config);
  const states = [...await parameterStates(awsCli, config)];
  const meaning: Record<ParameterState, string> = {
    set: "set",
    dummy: "still the dummy: deno task ssm --run",
    missing: "not there: apply the Terraform first",
  };
  for (const [{ parameter }, state] of states) console.log(`${parameter}: ${meaning[state]}`);
  return states.every(([, state]) => state === "set") ? 0 : 1;
}

/** Asks for one value after another; an empty answer leaves the parameter as it is. */
async function ask(config: PackConfig, secrets: readonly Secret[]): Promise<number> {
  const states = [...await parameterStates(awsCli, config)];
  const open = secrets.length > 0 ? secrets : states.filter(([, state]) => state !== "set").map(([secret]) => secret);
  if (open.length === 0) console.log("every parameter is set already; name one to set it anew");
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
    const value = await readHidden(`${name} (${source.where}; nothing to leave it): `);
    if (value === undefined) return 1;
    if (value.trim() !== "") await put(config, secret, value.trim());
  }
  return 0;
}

async function pipe(config: PackConfig, [secret]: readonly Secret[]): Promise<number> {
  if (secret === undefined) return 2;
  const text = await new Response(Deno.stdin.readable).text();
  // The line's end is not the secret's; a key in a file needs its last one.
  await put(config, secret, secret.source.kind === "file" ? text : text.replace(/\r?\n$/, ""));
  return 0;
}

async function put(config: PackConfig, secret: Secret, value: string): Promise<void> {
  if (value.trim() === "") throw new AwsFailed(`${secret.name}: the value is empty; nothing was written`);
  if (value.trim() === DUMMY_VALUE) throw new AwsFailed(`${secret.name}: that is the dummy; nothing was written`);
  console.log(`${secret.parameter}: version ${await putValue(awsCli, config, secret, value)}`);
}
