/**
 * The table in docs/security.md that compares a sandbox session with an elevated one, each row with its command.
 *
 * @module
 */

import assert from "node:assert/strict";

/** A row of the table. */
export interface SessionRow {
  readonly what: string;
  readonly command: string;
  /** The output of the command in each kind of session. */
  readonly sandbox: string;
  readonly elevated: string;
}

/** The page with the table and the two lines that run a command in each kind of session. */
const PAGE = await Deno.readTextFile("docs/security.md");

/** Returns every row of the table. */
export function sessionRows(): SessionRow[] {
  const rows = PAGE.split("\n").flatMap((line): SessionRow[] => {
    const cells = line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("\\|", "|"));
    const [what = "", ...code] = cells;
    const [command, sandbox, elevated] = code.map((cell) => /^`(.+)`$/.exec(cell)?.[1]);
    if (command === undefined || sandbox === undefined || elevated === undefined) return [];
    return [{ what, command, sandbox, elevated }];
  });
  assert.ok(rows.length >= 10, "docs/security.md has no such table");
  return rows;
}

/** Returns what the page's two lines run in the gateway's container for a command, first for the sandbox. */
export function sessionCommands(command: string): [sandbox: string[], elevated: string[]] {
  const lines = [
    ...PAGE.matchAll(/^\$ kubectl -n openclaw exec deploy\/openclaw -c openclaw -- sh -c '([^']*)'( sh 'COMMAND')?$/gm),
  ];
  assert.equal(lines.length, 2, "docs/security.md does not say how to run the commands");
  const [sandbox, elevated] = lines.map(([, script = "", last]) =>
    last === undefined ? ["sh", "-c", script.replace("COMMAND", () => command)] : ["sh", "-c", script, "sh", command]
  );
  return [sandbox ?? [], elevated ?? []];
}
