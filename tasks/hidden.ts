/**
 * A terminal that shows nothing of what is typed or pasted, from the first question to the last.
 *
 * @module
 */

import { HiddenLine } from "../src/commands/ssm/hidden_line.ts";

/** Longer than the gaps within a paste, in milliseconds; nobody types on so soon after Enter. */
const QUIET = 150;

/** A terminal that echoes nothing until it is disposed of. */
export interface HiddenTerminal extends AsyncDisposable {
  /**
   * Asks a question. Returns all that came with the answer, so that several lines pasted at once are one answer. Returns
   * undefined if the answer is Ctrl-D. Whatever was typed before the question is dropped.
   */
  ask(question: string): Promise<string | undefined>;
}

/**
 * Stops the echo of the terminal on standard input. Ctrl-C ends the task. The echo returns only when nothing more comes: what is
 * left of a paste neither appears nor reaches the shell.
 */
export function hiddenTerminal(): HiddenTerminal {
  const decoder = new TextDecoder();
  // Always one that takes the input: between questions, one that nobody reads.
  let line = new HiddenLine();
  let lastInput = -Infinity;
  let hasEnded = false;
  let isBrokenOff = false;
  let came = Promise.withResolvers<void>();
  // With signals: Ctrl-C must reach the AWS CLI, too.
  const hide = () => Deno.stdin.setRaw(true, { cbreak: true });
  const bracketPastes = (on: boolean) => {
    if (Deno.stderr.isTerminal()) show(`\x1b[?2004${on ? "h" : "l"}`);
  };

  const listen = async () => {
    const bytes = new Uint8Array(4096);
    for (let length; (length = await Deno.stdin.read(bytes)) !== null;) {
      line.feed(decoder.decode(bytes.subarray(0, length), { stream: true }));
      bytes.fill(0);
      lastInput = performance.now();
      came.resolve();
      came = Promise.withResolvers<void>();
    }
  };
  const quiet = async () => {
    for (let left; (left = lastInput + QUIET - performance.now()) > 0;) {
      await new Promise((done) => setTimeout(done, left));
    }
  };
  const pasted = async () => {
    await quiet();
    while (line.isPasting && !hasEnded) {
      await came.promise;
      await quiet();
    }
  };
  const restore = () => {
    bracketPastes(false);
    Deno.stdin.setRaw(false);
  };
  const breakOff = async () => {
    isBrokenOff = true;
    // Ctrl-C within a paste: the rest of it must not reach the shell either.
    lastInput = performance.now();
    await quiet();
    restore();
    show("\n");
    Deno.exit(130);
  };

  hide();
  bracketPastes(true);
  for (const signal of ["SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP"] as const) Deno.addSignalListener(signal, breakOff);
  // After Ctrl-Z the shell gives the terminal back as it likes.
  Deno.addSignalListener("SIGCONT", hide);
  // A terminal that is gone ends the question, as Ctrl-D does.
  listen().catch(() => undefined).finally(() => {
    hasEnded = true;
    came.resolve();
  });

  return {
    async ask(question) {
      await pasted();
      line = new HiddenLine();
      show(question);
      while (!line.isComplete && !line.isGivenUp && !hasEnded) await came.promise;
      await pasted();
      // What came after Ctrl-C is no answer: the task ends at once.
      if (isBrokenOff) await new Promise<never>(() => {});
      const answer = line;
      line = new HiddenLine();
      show("\n");
      return answer.isComplete ? answer.text : undefined;
    },
    async [Symbol.asyncDispose]() {
      await pasted();
      restore();
    },
  };
}

function show(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
