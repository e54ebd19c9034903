/**
 * Draws a terminal from a program's real output.
 *
 * @module
 */

/** One command with its output. */
export interface Command {
  readonly command: string;
  readonly output: string;
}

/** Pixels. */
const FONT_SIZE = 13;
const CHARACTER_WIDTH = 7.83;
const LINE_HEIGHT = 18;
const PADDING = 16;
const TITLE_BAR = 32;

/** The maximum length of a line in characters; longer lines are cut. */
const COLUMNS = 112;

/** The colour of a line, by its beginning. */
const COLOURS = [
  { pattern: /^\$ /, fill: "#ffffff", weight: "bold" },
  { pattern: /^(pass|ready)\b|: ready$/, fill: "#7ee787", weight: "normal" },
  { pattern: /^fail\b/, fill: "#ff7b72", weight: "normal" },
  { pattern: /^(skip|\.\.\.)/, fill: "#8b949e", weight: "normal" },
] as const;

/** Returns the SVG of a terminal window that shows commands and their output, in their order. */
export function terminalSvg(title: string, commands: readonly Command[]): string {
  const lines = commands.flatMap(({ command, output }) => [`$ ${command}`, ...output.trimEnd().split("\n")]).map(cut);
  const width = Math.ceil(2 * PADDING + COLUMNS * CHARACTER_WIDTH);
  const height = TITLE_BAR + 2 * PADDING + lines.length * LINE_HEIGHT;
  const texts = lines.map((line, index) => {
    const { fill, weight } = COLOURS.find(({ pattern }) => pattern.test(line)) ?? { fill: "#c9d1d9", weight: "normal" };
    const y = TITLE_BAR + PADDING + (index + 0.75) * LINE_HEIGHT;
    return `  <text x="${PADDING}" y="${y}" fill="${fill}" font-weight="${weight}">${escape(line)}</text>`;
  });
  const lights = ["#ff5f57", "#febc2e", "#28c840"].map((fill, index) =>
    `  <circle cx="${PADDING + 6 + index * 20}" cy="${TITLE_BAR / 2}" r="6" fill="${fill}"/>`
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `role="img" aria-label="${escape(title)}" font-family="ui-monospace, Menlo, Consolas, monospace" ` +
    `font-size="${FONT_SIZE}" xml:space="preserve">`,
    `  <title>${escape(title)}</title>`,
    `  <rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...lights,
    ...texts,
    "</svg>",
    "",
  ].join("\n");
}

function cut(line: string): string {
  return line.length <= COLUMNS ? line : `${line.slice(0, COLUMNS - 1)}…`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
