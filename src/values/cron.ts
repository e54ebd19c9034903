/**
 * cron's five fields, as Kubernetes' CronJob controller accepts them (the standard parser of robfig/cron). Macros such as
 * @daily are not accepted: they run at minute 0, when most other jobs of the cluster run too.
 *
 * @module
 */

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names for the numbers from `min` on. */
  readonly names: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: readonly Field[] = [
  { name: "minute", min: 0, max: 59, names: [] },
  { name: "hour", min: 0, max: 23, names: [] },
  { name: "day of the month", min: 1, max: 31, names: [] },
  { name: "month", min: 1, max: 12, names: MONTHS },
  { name: "day of the week", min: 0, max: 6, names: DAYS },
];

/** Returns what is wrong with a schedule, as one sentence, or undefined if it is valid. */
export function cronError(schedule: string): string | undefined {
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return `expected five fields (minute, hour, day of the month, month, day of the week) such as "17 3 * * *"`;
  }
  for (const [index, field] of FIELDS.entries()) {
    const part = parts[index] ?? "";
    if (part.split(",").every((item) => isRange(item, field))) continue;
    return `expected ${field.min} to ${field.max}, *, a range, a list or a step as the ${field.name}, not "${part}"`;
  }
  return undefined;
}

/** Returns whether an item is `*`, `5` or `mon-fri`, each with an optional step after a slash. */
function isRange(item: string, field: Field): boolean {
  const [range = "", step, ...rest] = item.split("/");
  if (rest.length > 0 || step !== undefined && !/^[1-9]\d{0,2}$/.test(step)) return false;
  if (range === "*" || range === "?") return true;
  const [from, to, ...more] = range.split("-").map((value) => valueOf(value, field));
  if (from === undefined || more.length > 0) return false;
  return !range.includes("-") || to !== undefined && from <= to;
}

function valueOf(text: string, { min, max, names }: Field): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  if (named !== -1) return min + named;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}
