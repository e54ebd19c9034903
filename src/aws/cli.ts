/**
 * The aws CLI of the machine.
 *
 * @module
 */

import { type Aws, AwsFailed } from "./ssm.ts";

/** Runs `aws` from the PATH, with the credentials and settings of its user. @throws {AwsFailed} where there is none */
export const awsCli: Aws = async (args, input) => {
  const command = new Deno.Command("aws", {
    args: [...args],
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
  let child;
  try {
    child = command.spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new AwsFailed("aws, the AWS CLI, is not on the PATH; install it, or run the printed commands where it is");
  }
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    // A command that fails before it reads closes the pipe: its own words say why.
    await writer.write(new TextEncoder().encode(input)).catch(() => undefined);
    await writer.close().catch(() => undefined);
  }
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
};
