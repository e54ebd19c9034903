/**
 * Formats the list of archives.
 *
 * @module
 */

/** Returns the output of `backup.sh list` as a table of name, date and size. */
export function archiveTable(list: string): string {
  const rows = list.split("\n").filter((line) => line !== "").map((line) => {
    const [name = "", bytes = "0"] = line.split(" ");
    return [name, dateOf(name), `${(Number(bytes) / 2 ** 20).toFixed(1)} MiB`] as const;
  });
  if (rows.length === 0) return "no archives yet\n";
  return rows.map(([name, date, size]) => `${name}  ${date}  ${size.padStart(11)}\n`).join("");
}

/** Returns the date in an archive's name: `openclaw-20261122T181700Z.tar.gz` is of 2026-11-22 18:17:00 UTC. */
function dateOf(name: string): string {
  return name.replace(/^openclaw-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.tar\.gz$/, "$1-$2-$3 $4:$5:$6 UTC");
}
