import type { LinkDirection } from "../ports.js";
import { kept, untilAborted } from "../promises/kept.js";
import type { Run } from "./run.js";

/**
 * Moves parts with the lanes that an earlier transfer with this server ended with, and keeps what this one learns. The
 * caller's own number of lanes, or a rate limit, says nothing about the link.
 */
export async function learning<T>(
  run: Run,
  server: string,
  direction: LinkDirection,
  work: () => Promise<T>,
): Promise<T> {
  const { options, platform, pace } = run;
  const known = platform.knownLinks;
  const isFree = options.lanes === null && options.bytesPerSecond() === Infinity;
  if (known === undefined || !isFree) return work();
  const before = await untilAborted(kept(known.of(server, direction)), options.signal);
  if (before !== null) pace.expect(before);
  const result = await work();
  const { learned } = pace;
  if (learned !== null && options.bytesPerSecond() === Infinity) {
    await untilAborted(kept(known.keep(server, direction, learned)), options.signal);
  }
  return result;
}
