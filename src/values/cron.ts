/**
 * cron's five fields, as Kubernetes' CronJob controller takes them (robfig/cron, its standard parser). Macros such as @daily are
 * left out: a minute that is not 0 keeps the backup from running beside everybody else's.
 *
 * @module
 */

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Names that stand for numbers, from `least` on. */
  readonly names: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: readonly Field[] = [
  { name: "minute", least: 0, most: 59, names: [] },
  { name: "hour", least: 0, most: 23, names: [] },
  { name: "day of the month", least: 1, most: 31, names: [] },
  { name: "month", least: 1, most: 12, names: MONTHS },
  { name: "day of the week", least: 0, most: 6, names: DAYS },
];

/** What is wrong with a schedule, as one sentence, or undefined when it is right. */
export function cronError(schedule: string): string | undefined {
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return `expected five fields (minute, hour, day of the month, month, day of the week) such as "17 3 * * *"`;
  }
  for (const [index, field] of FIELDS.entries()) {
    const part = parts[index] ?? "";
    if (part.split(",").every((item) => isRange(item, field))) continue;
    return `expected ${field.least} to ${field.most}, *, a range, a list or a step as the ${field.name}, not "${part}"`;
  }
  return undefined;
}

/** `*`, `5`, `mon-fri`, each perhaps with a step behind a slash. */
function isRange(item: string, field: Field): boolean {
  const [range = "", step, ...rest] = item.split("/");
  if (rest.length > 0 || step !== undefined && !/^[1-9]\d{0,2}$/.test(step)) return false;
  if (range === "*" || range === "?") return true;
  const [from, to, ...more] = range.split("-").map((value) => valueOf(value, field));
  if (from === undefined || more.length > 0) return false;
  return !range.includes("-") || to !== undefined && from <= to;
}

function valueOf(text: string, { least, most, names }: Field): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  if (named !== -1) return least + named;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}
