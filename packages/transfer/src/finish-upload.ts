import type { ImageUploadResponse } from "@img/core/models";
import { completeImage } from "./claim/complete.js";
import {
  lastLook,
  isSameSource,
  sourceRecord,
  compareFirst,
  readAgain,
} from "./claim/source-check.js";
import type { Moving, UploadContext } from "./claim/upload-context.js";
import { receiptsOf, sizeOf } from "./journal/state.js";
import { checkPartsFit } from "./options.js";
import { planParts } from "./plan.js";
import { enterPhase } from "./run/run.js";
import type { PartMd5s } from "./sending/part-md5s.js";
import type { PartInput } from "./sending/read-ahead.js";
import { sendAll } from "./sending/send-all.js";
import { mayReadTwice, sourceInput } from "./sending/source-reader.js";

/** An image that is complete. */
export interface Finished {
  readonly image: ImageUploadResponse;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Whether it was read back. */
  readonly verified: boolean;
}

/** Sends the parts that have no receipt, and completes the image. */
export async function finishUpload(ctx: UploadContext, claim: Moving): Promise<Finished> {
  const { run, source, journal, options } = ctx;
  // A resumed upload has the parts that it began with, whatever the options say now.
  const sizeBytes = source.sizeBytes ?? Infinity;
  const { partBytes } = claim;
  checkPartsFit(options, run.platform, sizeBytes, partBytes, mayReadTwice(source));
  const sent = await sendParts(ctx, claim);
  enterPhase(run, "finishing");
  await lastLook(run, source, sent.sha256);
  if (!isSameSource(ctx)) {
    // Touched, copied, remounted: what was sent before was read again, and is the same.
    await journal.append(sourceRecord(source));
  }
  return { ...(await completeImage(ctx, claim, sent.sha256)), ...sent };
}

async function sendParts(
  ctx: UploadContext,
  claim: Moving,
): Promise<Pick<Finished, "sha256" | "sizeBytes">> {
  const { run, source, journal } = ctx;
  const { receipts } = claim;
  const input = inputOf(ctx, claim);
  if (input.parts !== null) run.meter.plan(input.parts, receipts);
  // With other metadata the bytes may differ: then all are hashed again.
  const isSame = isSameSource(ctx);
  if (!isSame) await compareFirst(run, input, receipts);
  const sha256 =
    claim.sha256 ??
    (await withMd5s(ctx, async (md5s) => {
      const savedDigest = isSame && journal.state.at !== "nothing" ? journal.state.digest : null;
      return sendAll(ctx, claim, { input, md5s, savedDigest });
    }));
  if (claim.sha256 === null) await readAgain(run, source, input, receiptsOf(journal.state));
  return { sha256, sizeBytes: sizeOf(journal.state)! }; // all of it has been read, now or earlier
}

function inputOf(ctx: UploadContext, { partBytes, receipts }: Moving): PartInput {
  const { run, source, journal, streamInput } = ctx;
  if (source.sizeBytes !== null) {
    return sourceInput(run, source, planParts(source.sizeBytes, partBytes), receipts);
  }
  if (streamInput === undefined) throw new Error("bug: a source without a size");
  return streamInput(run, { source, partBytes, expectedBytes: sizeOf(journal.state) });
}

/** Opens what makes the parts' MD5s, if they are wanted. */
async function withMd5s<T>(
  { run, options, PartMd5s }: UploadContext,
  work: (md5s: PartMd5s | null) => Promise<T>,
): Promise<T> {
  if (options.partChecksums !== "md5" || PartMd5s === undefined) return work(null);
  const partHash = run.platform.openPartHash!();
  try {
    return await work(new PartMd5s(partHash));
  } finally {
    await partHash.close();
  }
}
