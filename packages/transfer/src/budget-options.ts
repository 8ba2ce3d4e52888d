import { rateOf, wholeNumber } from "./option-checks.js";
import { startLanesFor } from "./pace.js";
import { MiB } from "./plan.js";

/** What one transfer, or several together, may use. Each has a default. */
export interface BudgetOptions {
  /**
   * How many parts are moved at the same time, 1 to 32. Each needs memory for a part, or 1 MiB where an upload of a file has
   * none left: then the part is read while it is sent. A number switches growing off. @default 4, growing while that makes the transfer faster, within `memoryBytes`
   */
  readonly lanes?: number | undefined;
  /** The maximum memory for parts, in bytes; at least one part. The process stays under this plus 160 MiB. @default 256 MiB */
  readonly memoryBytes?: number | undefined;
  /**
   * The most bytes per second, over all lanes; at least 1,024. Give a function to change the limit while the transfer
   * runs: it is called again and again. @default no limit
   */
  readonly maxBytesPerSecond?: number | (() => number) | undefined;
}

/** Every budget with its value. */
export interface ResolvedBudgets {
  /** As many as were asked for; null where the pace may choose. */
  readonly lanes: number | null;
  readonly startLanes: number;
  readonly maxLanes: number;
  readonly memoryBytes: number;
  /** Infinity where there is no limit. */
  readonly bytesPerSecond: () => number;
}

/** @throws {InvalidOptionError} An option is out of range or not of its type. */
export function resolveBudgets(given: BudgetOptions): ResolvedBudgets {
  const lanes = given.lanes ?? null;
  if (lanes !== null) wholeNumber("lanes", lanes, 1, 32);
  // What 16 lanes of a long fat link need; taken as lanes grow.
  const memoryBytes = given.memoryBytes ?? 256 * MiB;
  wholeNumber("memoryBytes", memoryBytes, 1, Number.MAX_SAFE_INTEGER);
  const bytesPerSecond = rateOf(given.maxBytesPerSecond);
  const startLanes = lanes ?? startLanesFor(bytesPerSecond());
  return { lanes, startLanes, maxLanes: lanes ?? 32, memoryBytes, bytesPerSecond };
}
