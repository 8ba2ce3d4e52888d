/** The text is not a size. */
export class NotASize extends Error {}

const exponents: Readonly<Record<string, number>> = { "": 0, K: 1, M: 2, G: 3, T: 4 };

/**
 * Parses a size or a rate as people type it: `16M`, `1.5G`, `512K`, `60MiB/s`. The letters are binary.
 *
 * @throws {NotASize} It is something else, or not a whole number of bytes from 1 on.
 */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?(?:\/s)?$/i.exec(text.trim());
  const bytes = Math.round(
    Number(match?.[1]) * 1024 ** (exponents[match?.[2]?.toUpperCase() ?? ""] ?? NaN),
  );
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new NotASize("Give a size such as 512K, 16M or 1.5G (binary).");
  }
  return bytes;
}

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Formats a size with at most three digits, as `1.46 GiB`. */
export function formatBytes(bytes: number): string {
  const { value, unit } = scaled(bytes);
  return `${value} ${unit}`;
}

/** Formats a share, as `1.16 of 2.00 GiB`: both in the unit of the whole. */
export function formatShare(bytes: number, wholeBytes: number): string {
  const exponent = exponentOf(wholeBytes);
  return `${digits(bytes / 1024 ** exponent, exponent)} of ${formatBytes(wholeBytes)}`;
}

export const formatRate = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;

function scaled(bytes: number): { value: string; unit: string } {
  const exponent = exponentOf(bytes);
  return { value: digits(bytes / 1024 ** exponent, exponent), unit: units[exponent]! };
}

/** Returns the unit in which the rounded value has fewer than four digits before the point. */
function exponentOf(bytes: number): number {
  let exponent = 0;
  while (exponent < units.length - 1 && bytes / 1024 ** exponent >= 999.5) exponent++;
  return exponent;
}

function digits(value: number, exponent: number): string {
  if (exponent === 0) return String(Math.round(value));
  return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}
