import { availableParallelism } from "node:os";
import { InvalidOptionError } from "@img/transfer";

/** The digest's one thread is the limit beyond: it makes 1.5 to 1.9 GiB/s, a sending one about 1 (measured). */
const usualMost = 4;
const most = 16;

/** In which threads bytes are sent and received. */
export interface ThreadOptions {
  /**
   * How many threads send and receive, 1 to 16; with 1 it is the calling thread. The digest always has a thread of its
   * own. @default 1 up to 4 cores, then one for each 4 cores, at most 4
   */
  readonly threads?: number | undefined;
}

/** @throws {InvalidOptionError} It is no whole number from 1 to 16. */
export function threadsOf(
  given: number | undefined,
  cores: number = availableParallelism(),
): number {
  if (given === undefined) return cores <= 4 ? 1 : Math.min(usualMost, Math.ceil(cores / 4));
  if (Number.isInteger(given) && given >= 1 && given <= most) return given;
  throw new InvalidOptionError("threads", given, `a whole number from 1 to ${most}`);
}
