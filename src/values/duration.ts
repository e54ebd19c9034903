/**
 * Durations as people write and read them.
 *
 * @module
 */

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600 };

/** Returns the seconds of `90s`, `15m` or `1h`, or undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit = ""] = text.match(/^([1-9]\d{0,5})([smh])$/) ?? [];
  const seconds = UNITS[unit];
  return amount === undefined || seconds === undefined ? undefined : Number(amount) * seconds;
}

/** Returns a duration such as `45 s`, `2 min 5 s`, `3 h 20 min` or `4 days`. */
export function showDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 48 * 3600) return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
  return `${Math.floor(whole / 86400)} days`;
}
