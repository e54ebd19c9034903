/**
 * The names of archives, and how the list of them is printed.
 *
 * @module
 */

/** The name of an archive of the state, as the backup chooses it. */
const NAME = /^openclaw-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.tar\.gz$/;

/** Returns whether a restore accepts the name of an archive: `latest`, or a name that the backup could have chosen. */
export function isArchive(name: string): boolean {
  return name === "latest" || NAME.test(name);
}

/** Returns the output of `backup.sh list` as a table of name, date, size, whether it is good, and the size of its workspace. */
export function archiveTable(list: string): string {
  const rows = list.split("\n").filter((line) => line !== "").map((line) => {
    const [name = "", bytes = "0", quality = "", workspace = "-"] = line.split(" ");
    const companion = workspace === "-" ? "no archive of the workspace" : `workspace ${mebibytes(workspace)}`;
    return `${name}  ${dateOf(name)}  ${mebibytes(bytes).padStart(11)}  ${quality.padEnd(8)}  ${companion}\n`;
  });
  if (rows.length === 0) return "no archives yet\n";
  return rows.join("");
}

const mebibytes = (bytes: string) => `${(Number(bytes) / 2 ** 20).toFixed(1)} MiB`;

/** Returns the date in an archive's name: `openclaw-20261122T181700Z.tar.gz` is of 2026-11-22 18:17:00 UTC. */
function dateOf(name: string): string {
  return name.replace(NAME, "$1-$2-$3 $4:$5:$6 UTC");
}
