import { InvalidOptionError } from "./errors.js";

/** What `maxBytesPerSecond` says, each time it is asked. @throws {InvalidOptionError} It is no number, or too small. */
export function rateOf(given: number | (() => number) | undefined): () => number {
  if (given === undefined) return () => Infinity;
  if (typeof given === "function") return () => Math.max(minRate, rate(given()));
  if (rate(given) < minRate) {
    throw new InvalidOptionError("maxBytesPerSecond", given, `at least ${minRate}`);
  }
  return () => given;
}

function rate(given: number): number {
  if (typeof given === "number" && !Number.isNaN(given)) return given;
  throw new InvalidOptionError("maxBytesPerSecond", given, `a number, at least ${minRate}`);
}

const minRate = 1024;
