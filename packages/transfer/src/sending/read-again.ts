import { SourceChangedError } from "../errors.js";
import { untilAborted } from "../promises/kept.js";
import type { Receipts } from "../journal/state.js";
import type { Part } from "../plan.js";
import type { AnySource } from "../ports.js";
import { enterPhase, verifyingRun, type Run } from "../run/run.js";
import type { PartInput } from "./read-ahead.js";

/**
 * Reads every part of a source again, if a change of it may have gone unnoticed.
 *
 * @param receipts Of every part, from this run and earlier ones.
 * @throws {SourceChangedError} A part has other bytes than those that were sent.
 */
export async function readAgain(
  run: Run,
  source: AnySource,
  { parts }: PartInput,
  receipts: Receipts,
): Promise<void> {
  if (source.sizeBytes === null || source.crc32Now === undefined || parts === null) return;
  const { meter } = verifyingRun(run);
  meter.plan(parts, new Map());
  enterPhase(run, "rereading");
  for (const part of parts) {
    const crc32 = await untilAborted(
      source.crc32Now(part.offset, part.lengthBytes),
      run.options.signal,
    );
    if (crc32 !== receipts.get(part.number)?.crc32) throw otherBytes(part);
    meter.arrived(part);
  }
}

/**
 * Compares the first part that an earlier run sent. A wrong file is found by that before anything of it is sent:
 * the image would have parts of both.
 *
 * @throws {SourceChangedError} It has other bytes.
 */
export async function compareFirst(
  { platform, options }: Run,
  input: PartInput,
  receipts: Receipts,
): Promise<void> {
  if (receipts.size === 0) return;
  const { parts, longestPart } = input;
  const number = Math.min(...receipts.keys());
  const offset = (number - 1) * longestPart;
  const part = parts?.[number - 1] ?? { number, offset, lengthBytes: longestPart };
  const bytes = await input.read(part, platform.allocate(longestPart), options.signal);
  if ((await platform.crc32(bytes)) !== receipts.get(number)?.crc32) throw otherBytes(part);
}

/** The error for a part that was sent, and is not what the source has there now. */
export const otherBytes = ({ number }: Part): SourceChangedError =>
  new SourceChangedError(`part ${number} has other bytes than those that were sent`);
