/**
 * kubectl, as its user has it set up, for one context. Behind an interface, so that tests can stand in for it.
 *
 * @module
 */

/** Thrown when kubectl is not there, or fails; the message is its own first line. */
export class KubectlFailed extends Error {
  override readonly name = "KubectlFailed";
}

/** A port of a pod, reached from here. */
export interface Forward extends AsyncDisposable {
  /** The port on 127.0.0.1. */
  readonly port: number;
}

/** What the checks need of kubectl. */
export interface Kubectl {
  /** Runs it and gives what it printed. @throws {KubectlFailed} */
  run(args: readonly string[], options?: { readonly input?: string; readonly timeout?: number }): Promise<string>;
  /** Opens a port of a pod through the kubelet, in the pod's own network: no policy is in the way. @throws {KubectlFailed} */
  forward(namespace: string, pod: string, port: number): Promise<Forward>;
}

/** Milliseconds that a command gets: twice what the slowest of them, a dial that nobody answers, takes. */
const TIMEOUT = 30_000;

/** kubectl from the PATH. Without a context only commands that need no cluster make sense. */
export function kubectl(context?: string): Kubectl {
  const flags = context === undefined ? [] : [`--context=${context}`];
  return {
    run: async (args, { input, timeout = TIMEOUT } = {}) => {
      const signal = AbortSignal.timeout(timeout);
      const child = spawn([...flags, ...args], input === undefined ? "null" : "piped", signal);
      if (input !== undefined) {
        // One that fails before it has read its input closes the pipe; its exit status tells.
        await new Blob([input]).stream().pipeTo(child.stdin).catch(() => undefined);
      }
      const { success, stdout, stderr } = await child.output();
      if (success) return new TextDecoder().decode(stdout);
      if (signal.aborted) throw new KubectlFailed(`no answer within ${timeout / 1000} s`);
      throw new KubectlFailed(told(new TextDecoder().decode(stderr)));
    },
    forward: async (namespace, pod, port) => {
      const signal = AbortSignal.timeout(TIMEOUT);
      const args = ["port-forward", `--namespace=${namespace}`, "--address=127.0.0.1", `pod/${pod}`, `:${port}`];
      const child = spawn([...flags, ...args], "null", signal);
      const stderr = new Response(child.stderr).text();
      const said = await upTo(child.stdout, /127\.0\.0\.1:(\d+) ->/);
      const end = async () => {
        try {
          child.kill("SIGTERM");
        } catch {
          // It has ended by itself.
        }
        await Promise.all([child.status, stderr]);
      };
      if (said === undefined) {
        await end();
        throw new KubectlFailed(signal.aborted ? `no answer within ${TIMEOUT / 1000} s` : told(await stderr));
      }
      return { port: Number(said), [Symbol.asyncDispose]: end };
    },
  };
}

function spawn(args: readonly string[], stdin: "null" | "piped", signal: AbortSignal): Deno.ChildProcess {
  try {
    return new Deno.Command("kubectl", { args: [...args], stdin, stdout: "piped", stderr: "piped", signal }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new KubectlFailed("kubectl is not on the PATH; install it first");
  }
}

/** What `pattern` captures in the first bytes of a stream, which is read no further. Undefined when it ends before. */
async function upTo(stream: ReadableStream<Uint8Array<ArrayBuffer>>, pattern: RegExp): Promise<string | undefined> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const found = text.match(pattern)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The line of an error that says what is wrong: kubectl puts warnings and its log before it. */
function told(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.find((line) => /^error|^Error|forbidden/i.test(line)) ?? lines.at(-1) ?? "kubectl failed without a word";
}
