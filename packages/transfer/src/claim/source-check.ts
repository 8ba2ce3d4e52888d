import type { JournalRecord } from "../journal/record.js";
import type { Upload, Receipts } from "../journal/state.js";
import type { AnySource } from "../ports.js";
import type { UploadContext } from "./upload-context.js";
import { SourceChangedError } from "../errors.js";
import { type Run, enterPhase, verifyingRun } from "../run/run.js";
import { planParts, partBytesFor, type Part } from "../plan.js";
import { digestOfSource } from "../digest/source-digest.js";
import { untilAborted } from "../promises/kept.js";
import type { PartInput } from "../sending/read-ahead.js";

/** How the file of a source encodes its bytes. */
export const formatOf = ({ format = "raw" }: AnySource): string => format;

/** The journal record that says: the same bytes now have this metadata. */
export const sourceRecord = (source: AnySource): JournalRecord => {
  const { identity, label: from } = source;
  return { type: "source", identity, from, format: formatOf(source) };
};

/** Whether a source has the metadata that the journal knows, and is read in the same format. */
export function sameIdentity(source: AnySource, upload: Upload): boolean {
  const before = Object.entries(upload.identity);
  return (
    formatOf(source) === upload.format &&
    before.length === Object.keys(source.identity).length &&
    before.every(([key, value]) => source.identity[key] === value)
  );
}

/** Whether the source of an upload has the metadata that its journal knows. */
export function isSameSource({ journal: { state }, source }: UploadContext): boolean {
  return state.at !== "nothing" && state.at !== "downloading" && sameIdentity(source, state);
}

/**
 * Checks the source once more before its image is completed. If its metadata changed, the source is opened
 * again and its SHA-256 is compared.
 *
 * @param sha256 Of the bytes that were sent.
 * @throws {SourceChangedError} It has another size, other bytes, or is gone.
 */
export async function lastLook(run: Run, source: AnySource, sha256: string): Promise<void> {
  const change = await changeOf(source);
  if (change === null) return;
  if (source.reopen === undefined) throw change;
  await source.reopen(run.options.signal).catch((error: unknown) => {
    throw error instanceof SourceChangedError ? change : error; // the first error says what happened
  });
  if ((await rereadDigest(run, source)) === sha256) return;
  throw new SourceChangedError("its bytes are not those that were sent", { cause: change });
}

/** Accepts the source as it is now, before an upload begins again. */
export async function takeAsItIs({ options }: Run, source: AnySource): Promise<void> {
  if (source.reopen === undefined) await source.check();
  else await source.reopen(options.signal);
}

async function changeOf(source: AnySource): Promise<SourceChangedError | null> {
  try {
    await source.check();
    return null;
  } catch (error) {
    if (error instanceof SourceChangedError) return error;
    throw error;
  }
}

/** Reads the whole source again for its SHA-256, and shows that as the phase "rereading". */
export async function rereadDigest(run: Run, source: AnySource): Promise<string> {
  const { shown, options } = run;
  const before = shown.meter;
  const { meter } = verifyingRun(run);
  const { sizeBytes } = source;
  if (sizeBytes === null) meter.planStream();
  else
    meter.plan(planParts(sizeBytes, partBytesFor(sizeBytes, options.wantedPartBytes)), new Map());
  enterPhase(run, "rereading");
  try {
    const { sha256 } = await digestOfSource(run, source, (part) => {
      if (sizeBytes === null) meter.grow(part);
      meter.arrived(part);
    });
    return sha256;
  } finally {
    shown.meter = before;
  }
}

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
