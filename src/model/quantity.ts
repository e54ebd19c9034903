/**
 * Kubernetes quantities, as far as pack.yaml takes them.
 *
 * @module
 */

const UNITS = { Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;

/** `512Mi` in bytes. */
export function toBytes(quantity: string): number {
  const unit = quantity.slice(-2) as keyof typeof UNITS;
  return Number.parseInt(quantity) * UNITS[unit];
}

/** `512Mi` or `2Gi` in MiB. */
export function toMebibytes(quantity: string): number {
  return toBytes(quantity) / UNITS.Mi;
}

/** `2` or `500m` in thousandths of a core. */
export function toMillicores(quantity: string): number {
  return quantity.endsWith("m") ? Number.parseInt(quantity) : Number.parseInt(quantity) * 1000;
}
