/**
 * A terminal that shows nothing that is typed or pasted, from the first question to the last.
 *
 * @module
 */

import { HiddenLine } from "../src/commands/ssm/hidden_line.ts";

/** Longer than the gaps within a paste, in milliseconds, and shorter than a person takes to type again after Enter. */
const QUIET = 150;

/** A terminal that echoes nothing until it is disposed of. */
export interface HiddenTerminal extends AsyncDisposable {
  /**
   * Asks a question. Returns everything that was entered, so that several lines pasted together are one answer. Returns
   * undefined if the user pressed Ctrl-D. Discards anything that was typed before the question.
   */
  ask(question: string): Promise<string | undefined>;
}

/**
 * Stops the echo of the terminal on standard input. Ctrl-C ends the task. The echo returns only when no more input arrives, so
 * that the rest of a paste neither appears nor reaches the shell.
 */
export function hiddenTerminal(): HiddenTerminal {
  const decoder = new TextDecoder();
  // A line always receives the input; between questions it is discarded.
  let line = new HiddenLine();
  let lastInput = -Infinity;
  let hasEnded = false;
  let isInterrupted = false;
  let inputArrived = Promise.withResolvers<void>();
  // With cbreak, signals stay enabled, because Ctrl-C must also reach the AWS CLI.
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
      inputArrived.resolve();
      inputArrived = Promise.withResolvers<void>();
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
      await inputArrived.promise;
      await quiet();
    }
  };
  const restore = () => {
    bracketPastes(false);
    Deno.stdin.setRaw(false);
  };
  const interrupt = async () => {
    isInterrupted = true;
    // After Ctrl-C within a paste, the rest of the paste must not reach the shell either.
    lastInput = performance.now();
    await quiet();
    restore();
    show("\n");
    Deno.exit(130);
  };

  hide();
  bracketPastes(true);
  for (const signal of ["SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP"] as const) Deno.addSignalListener(signal, interrupt);
  // After Ctrl-Z the shell may have reset the terminal.
  Deno.addSignalListener("SIGCONT", hide);
  // A closed terminal ends the question, like Ctrl-D.
  listen().catch(() => undefined).finally(() => {
    hasEnded = true;
    inputArrived.resolve();
  });

  return {
    async ask(question) {
      await pasted();
      line = new HiddenLine();
      show(question);
      while (!line.isComplete && !line.isGivenUp && !hasEnded) await inputArrived.promise;
      await pasted();
      // Input after Ctrl-C is not an answer, because the task is ending.
      if (isInterrupted) await new Promise<never>(() => {});
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
