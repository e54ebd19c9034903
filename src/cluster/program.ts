/**
 * Programs of the user's machine.
 *
 * @module
 */

/** How a program ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program from the PATH to its end, with the credentials and settings of its user, and with a text on its standard input
 * where one is given. A signal that is aborted ends it.
 *
 * @throws {Deno.errors.NotFound} if there is no such program
 */
export async function runProgram(
  name: string,
  args: readonly string[],
  input?: string,
  signal?: AbortSignal,
): Promise<Outcome> {
  const child = new Deno.Command(name, {
    args: [...args],
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(signal === undefined ? {} : { signal }),
  }).spawn();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    // A program that fails before it reads closes the pipe: its own words say why.
    await writer.write(new TextEncoder().encode(input)).catch(() => undefined);
    await writer.close().catch(() => undefined);
  }
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
