/**
 * Kubernetes quantities, as far as pack.yaml accepts them.
 *
 * @module
 */

const UNITS = { Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;

/** Returns a quantity such as `512Mi` in bytes. */
export function toBytes(quantity: string): number {
  const unit = quantity.slice(-2) as keyof typeof UNITS;
  return Number.parseInt(quantity) * UNITS[unit];
}

/** Returns a quantity such as `512Mi` or `2Gi` in MiB. */
export function toMebibytes(quantity: string): number {
  return toBytes(quantity) / UNITS.Mi;
}

/** Returns an amount of CPU such as `2` or `500m` in thousandths of a core. */
export function toMillicores(quantity: string): number {
  return quantity.endsWith("m") ? Number.parseInt(quantity) : Number.parseInt(quantity) * 1000;
}

/** Factors of every suffix that Kubernetes itself writes. */
const SUFFIXES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** Returns a quantity reported by a cluster, such as `10Gi` or `10737418240`, in bytes; NaN if it is not a quantity. */
export function liveBytes(quantity: string): number {
  const [, digits = "", suffix = ""] = quantity.match(/^(\d+(?:\.\d+)?)(\w*)$/) ?? [];
  return digits === "" ? NaN : Number(digits) * (SUFFIXES[suffix] ?? NaN);
}
