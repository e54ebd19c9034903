/**
 * The table of docs/security.md that sets a sandbox session against an elevated one: each row with the command that shows it.
 *
 * @module
 */

import assert from "node:assert/strict";

/** One row. */
export interface SessionRow {
  readonly what: string;
  readonly command: string;
  /** What the command prints in each kind of session. */
  readonly sandbox: string;
  readonly elevated: string;
}

/** The page, its table, and the two lines that run a command on each side. */
const PAGE = await Deno.readTextFile("docs/security.md");

/** Every row of the table. */
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

/** What the page's two lines run in the gateway's container, for a command: the sandbox's side first. */
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
