import type { WireErrorDetail } from "@img/core/wire";

/** A part, as `checkParts` needs it. */
interface PartSize {
  readonly number: number;
  readonly bytes: number;
}

export const MAX_PART_NUMBER = 10_000;
export const MAX_PART_BYTES: number = 5 * 1024 ** 3;
export const MIN_PART_BYTES: number = 5 * 1024 ** 2;
export const MAX_IMAGE_BYTES: number = 128 * 1024 ** 3;

/** The maximum number of details; more would only repeat the same. */
const MAX_DETAILS = 20;

/**
 * Checks whether parts form an image: 1 to n without a gap, all but the last of 5 MiB or more, 1 byte to 128
 * GiB in all.
 *
 * @param parts The parts in the order of their numbers.
 * @param minPartBytes The minimum of all but the last; 5 MiB except in tests.
 * @returns What is wrong, at most 20 details; empty if nothing is.
 */
export function checkParts(
  parts: readonly PartSize[],
  minPartBytes: number = MIN_PART_BYTES,
): readonly WireErrorDetail[] {
  const totalBytes = sumBytes(parts);
  const whole: WireErrorDetail[] = [];
  if (parts.length > 0 && totalBytes === 0) {
    whole.push({ field: "parts", code: "image_empty", message: "The parts are empty." });
  }
  if (totalBytes > MAX_IMAGE_BYTES) {
    const message = `The parts have ${totalBytes} bytes, more than ${MAX_IMAGE_BYTES} (128 GiB).`;
    whole.push({ field: "parts", code: "image_too_large", message });
  }
  return [...whole, ...missingParts(parts), ...smallParts(parts, minPartBytes)].slice(
    0,
    MAX_DETAILS,
  );
}

export const sumBytes = (parts: readonly { readonly bytes: number }[]): number =>
  parts.reduce((sum, part) => sum + part.bytes, 0);

function missingParts(parts: readonly PartSize[]): WireErrorDetail[] {
  const there = new Set(parts.map((part) => part.number));
  const last = parts.at(-1)?.number ?? 1;
  const numbers = Array.from({ length: last }, (_, index) => index + 1);
  return numbers
    .filter((number) => !there.has(number))
    .map((number) => detail(number, "part_missing", "has not arrived"));
}

function smallParts(parts: readonly PartSize[], minPartBytes: number): WireErrorDetail[] {
  return parts
    .slice(0, -1)
    .filter((part) => part.bytes < minPartBytes)
    .map((part) =>
      detail(
        part.number,
        "part_too_small",
        `has ${part.bytes} bytes, less than ${minPartBytes} (5 MiB)`,
      ),
    );
}

/** Returns what prevents some stores (R2) from joining parts: all but the last must have the same size. */
export function unequalParts(parts: readonly PartSize[]): WireErrorDetail[] {
  const wanted = parts[0]?.bytes ?? 0;
  return parts
    .filter(({ bytes }, index) => (index < parts.length - 1 ? bytes !== wanted : bytes > wanted))
    .map(({ number, bytes }) =>
      detail(number, "part_size_differs", `has ${bytes} bytes; this store wants ${wanted}`),
    )
    .slice(0, MAX_DETAILS);
}

const detail = (number: number, code: string, what: string): WireErrorDetail => ({
  field: `parts.${number}`,
  code,
  message: `Part ${number} ${what}.`,
});
