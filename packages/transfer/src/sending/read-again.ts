import { SourceChangedError } from "../errors.js";
import { untilAborted } from "../promises/kept.js";
import type { Receipts } from "../journal/state.js";
import type { Part } from "../plan.js";
import type { Source } from "../ports.js";
import { enterPhase, verifyingRun, type Run } from "../run/run.js";

/**
 * Reads every part of a source again, where a change of it may have gone unnoticed.
 *
 * @param receipts Of every part, from this run and earlier ones.
 * @throws {SourceChangedError} A part has other bytes than those that were sent.
 */
export async function readAgain(
  of: Run,
  source: Source,
  parts: readonly Part[],
  receipts: Receipts,
): Promise<void> {
  if (source.crc32Now === undefined) return;
  const { meter } = verifyingRun(of);
  meter.plan(parts, new Map());
  enterPhase(of, "rereading");
  for (const part of parts) {
    const crc32 = await untilAborted(
      source.crc32Now(part.offset, part.lengthBytes),
      of.options.signal,
    );
    if (crc32 !== receipts.get(part.number)?.crc32) throw otherBytes(part);
    meter.arrived(part);
  }
}

/**
 * Compares the first part that was sent by an earlier run. A wrong file is found so before anything of it is
 * sent: the image would have parts of both.
 *
 * @throws {SourceChangedError} It has other bytes.
 */
export async function compareFirst(
  { platform, options: { signal } }: Run,
  source: Source,
  parts: readonly Part[],
  receipts: Receipts,
): Promise<void> {
  const part = parts.find(({ number }) => receipts.has(number));
  if (part === undefined) return;
  const bytes = platform.allocate(part.lengthBytes);
  await source.read(part.offset, bytes, signal);
  const crc32 = await platform.crc32(bytes);
  if (crc32 !== receipts.get(part.number)?.crc32) throw otherBytes(part);
}

/** A part that was sent is not what the source has there now. */
export const otherBytes = (part: Part): SourceChangedError =>
  new SourceChangedError(`part ${part.number} has other bytes than those that were sent`);
