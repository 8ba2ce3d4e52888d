import type { ImageUploadResponse } from "@img/core/models";
import { completeImage } from "./claim/complete.js";
import { lastLook } from "./claim/last-look.js";
import { isSameSource, sourceRecord } from "./claim/source-identity.js";
import type { Claim, UploadContext } from "./claim/upload-context.js";
import type { Receipts } from "./journal/state.js";
import type { UploadRecords } from "./journal/unkept-journal.js";
import { checkLanes, checkMemory } from "./options.js";
import { planParts } from "./plan.js";
import type { SavedDigest, SequentialSource, Source } from "./ports.js";
import { enterPhase } from "./run/run.js";
import type { PartMd5s } from "./sending/part-md5s.js";
import { compareFirst, readAgain } from "./sending/read-again.js";
import { sendAll, type UploadParts } from "./sending/send-all.js";
import { sourceInput } from "./sending/source-reader.js";

/** An image that is complete. */
export interface Finished {
  readonly image: ImageUploadResponse;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Whether it was read back. */
  readonly verified: boolean;
}

type Moving = Claim & { readonly at: "moving" };
type Sent = Pick<Finished, "sha256" | "sizeBytes">;
type Rest = Omit<UploadParts, "input">;

/** Sends the parts of a source that is read from its start to its end. */
export type SendSequential = (
  ctx: UploadContext,
  source: SequentialSource,
  claim: Moving,
  rest: Rest,
) => Promise<Sent>;

/**
 * Sends the parts that have no receipt, and completes the image.
 *
 * @param sendSequential Given, and not imported: most of a page's uploads would carry it for nothing.
 */
export async function finishUpload(
  ctx: UploadContext,
  claim: Moving,
  sendSequential: SendSequential,
): Promise<Finished> {
  const { run, api, server, source, journal } = ctx;
  const { imageId, receipts } = claim;
  checkParts(ctx, claim);
  // With other metadata the bytes may differ: then all are hashed again.
  const savedDigest = isSameSource(ctx) ? savedDigestOf(journal) : null;
  const sent = await withMd5s(ctx, (md5s) => {
    const rest = { run, api, server, journal, imageId, receipts, savedDigest, md5s };
    return source.sizeBytes === null
      ? sendSequential(ctx, source, claim, rest)
      : sendSource(ctx, source, claim, rest);
  });
  enterPhase(run, "finishing");
  await lastLook(run, source, sent.sha256);
  if (!isSameSource(ctx)) {
    // Touched, copied, remounted: what was sent before was read again, and is the same.
    await journal.append(sourceRecord(source));
  }
  return { ...(await completeImage(ctx, claim, sent.sha256)), ...sent };
}

/** @throws {InvalidOptionError} The parts that the upload began with do not fit into memory. */
function checkParts({ run, source, options }: UploadContext, { partBytes }: Moving): void {
  const sizeBytes = source.sizeBytes ?? Infinity;
  checkMemory(options.memoryBytes, Math.min(sizeBytes, partBytes), run.platform.mostPartBytes);
  checkLanes(options, partBytes, Math.ceil(sizeBytes / partBytes));
}

/** Sends what can be read at any offset. */
async function sendSource(
  ctx: UploadContext,
  source: Source,
  { partBytes, receipts, sha256 }: Moving,
  rest: Rest,
): Promise<Sent> {
  const { run, journal } = ctx;
  const { sizeBytes } = source;
  const parts = planParts(sizeBytes, partBytes);
  run.meter.plan(parts, receipts);
  if (!isSameSource(ctx)) await compareFirst(run, source, parts, receipts);
  if (sha256 !== null) return { sha256, sizeBytes };
  const input = sourceInput(run, source, parts, receipts);
  const sent = { sha256: await sendAll({ ...rest, input }), sizeBytes };
  await readAgain(run, source, parts, receiptsOf(journal));
  return sent;
}

/** Opens what makes the parts' MD5s, where they are wanted. */
async function withMd5s<T>(
  { run, options }: UploadContext,
  work: (md5s: PartMd5s | null) => Promise<T>,
): Promise<T> {
  if (options.partChecksums !== "md5") return work(null);
  const partHash = run.platform.openPartHash!();
  try {
    // Loaded when it is needed: no page can make them.
    const { PartMd5s } = await import("./sending/part-md5s.js");
    return await work(new PartMd5s(partHash));
  } finally {
    await partHash.close();
  }
}

const receiptsOf = ({ state }: UploadRecords): Receipts =>
  "receipts" in state ? state.receipts : new Map();

const savedDigestOf = ({ state }: UploadRecords): SavedDigest | null =>
  state.at === "nothing" ? null : state.digest;
