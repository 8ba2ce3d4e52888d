import { imageNamePattern } from "@img/core/wire";
import { Api } from "./service/api.js";
import { InvalidOptionError } from "./errors.js";
import {
  checkLanes,
  checkMemory,
  resolveUploadOptions,
  type ResolvedUploadOptions,
} from "./options.js";
import type { TransferOptions } from "./options.js";
import { limits, partBytesFor } from "./plan.js";
import type { SequentialSource, StreamSource } from "./ports.js";
import { abortedAfter } from "./promises/aborted-after.js";
import { elapsedMs, startRun, withRun, type Run } from "./run/run.js";
import { nameRule, type UploadResult } from "./upload.js";
import { claimImage } from "./claim/claim.js";
import { isUnfinished } from "./service/answers.js";
import { settleRefusal } from "./claim/lost.js";
import type { Claim, UploadContext } from "./claim/upload-context.js";
import { finishUpload } from "./finish-upload.js";
import { sendSequential } from "./send-sequential.js";
import { UnkeptJournal } from "./journal/unkept-journal.js";
import type { TransferTask } from "./run/transfer-task.js";

/** Of an upload of a stream. Each has a default. */
export interface UploadStreamOptions extends TransferOptions {
  /** Another live image has the name: stop; or delete it if it was never completed, and begin. @default "fail" */
  readonly ifNameTaken?: "fail" | "replace-unfinished" | undefined;
  /** As for `upload`. @default "none" */
  readonly verify?: "none" | "download" | undefined;
  /** As for `upload`. @default none */
  readonly expectedSha256?: string | undefined;
}

/** What an upload of a stream is of and to, beside its options. */
export interface UploadStreamTask extends TransferTask {
  /** As for `upload`. */
  readonly name: string;
  /** Read to its end, and closed by the caller. */
  readonly stream: StreamSource;
}

/**
 * Uploads a stream as an image, with memory for the parts that are sent at the same time: a part that fails is sent
 * again from there. What was read cannot be read again, so that nothing continues after a failure: the
 * unfinished image is deleted, as far as the service can be reached.
 *
 * @throws {ImageSizeError} It was empty, or longer than 128 GiB.
 * @throws One of the other classes in errors.ts, or the signal's reason.
 */
export async function uploadStream(
  task: UploadStreamTask,
  given: UploadStreamOptions,
): Promise<UploadResult> {
  const options = resolveUploadOptions(given, task.client);
  if (!imageNamePattern.test(task.name)) throw new InvalidOptionError("name", task.name, nameRule);
  checkMemory(options.memoryBytes, streamPartBytes(options), task.platform.mostPartBytes);
  checkLanes(options, streamPartBytes(options), Infinity);
  options.signal.throwIfAborted();
  return withRun(task.platform, options, (run, own) => uploadWith(task, own, run), task.share);
}

/** Whatever comes must fit into 10,000 parts. */
const streamPartBytes = ({ wantedPartBytes }: ResolvedUploadOptions): number =>
  partBytesFor(limits.maxImageBytes, wantedPartBytes);

async function uploadWith(
  task: UploadStreamTask,
  options: ResolvedUploadOptions,
  run: Run,
): Promise<UploadResult> {
  const { client, server, name, stream } = task;
  const api = new Api(client, run, "Upload the stream again.");
  const source = readOnce(stream);
  const journal = new UnkeptJournal();
  const ending = abortedAfter(options.signal, endMs, run.clock);
  const starting = api.within(ending.signal);
  const ctx: UploadContext = { run, options, api, starting, server, name, source, journal };
  try {
    const claim = await claimImage(ctx);
    if (claim.at === "done") throw new Error("bug: a stream was found uploaded");
    try {
      options.signal.throwIfAborted();
      return await finish(ctx, claim);
    } catch (error) {
      // One that was adopted may be somebody else's.
      if (!claim.adopted) await withdraw(task, options, claim.imageId, ending.signal);
      throw error;
    }
  } finally {
    await ending.close();
  }
}

async function finish(
  ctx: UploadContext,
  claim: Extract<Claim, { at: "moving" }>,
): Promise<UploadResult> {
  const { run } = ctx;
  try {
    const done = await finishUpload(ctx, claim, sendSequential);
    return { ...done, sentBytes: done.sizeBytes, resumed: false, elapsedMs: elapsedMs(run) };
  } catch (error) {
    throw await settleRefusal(ctx, claim.imageId, error);
  }
}

/** A stream, which can be opened once: it is not the same one another time, and nothing tells whether it changed. */
const readOnce = (stream: StreamSource): SequentialSource => ({
  label: stream.label,
  sizeBytes: null,
  identity: {},
  open: async () => ({
    label: stream.label,
    read: (into, signal) => stream.read(into, signal),
    close: async () => undefined, // by the caller
  }),
  check: async () => undefined,
});

/** An abort has to be over within a second. */
const endMs = 500;
const withdrawMs = 10_000;

/** Deletes an image that nobody can finish any more. What stops it from that is not told: the first error says more. */
async function withdraw(
  { client, platform }: UploadStreamTask,
  options: ResolvedUploadOptions,
  imageId: string,
  ending: AbortSignal,
): Promise<void> {
  const now = new AbortController();
  now.abort(new Error("too late"));
  const limit = abortedAfter(now.signal, withdrawMs, platform.clock);
  const signal = options.signal.aborted ? ending : limit.signal;
  const run: Run = startRun(platform, { ...options, signal, retryBudgetMs: 0 });
  const api = new Api(client, run);
  try {
    const image = await api.get(imageId);
    if (image !== null && isUnfinished(image)) await api.delete(imageId);
  } catch {
    // The name stays taken by an unfinished image, which `ifNameTaken` can replace.
  } finally {
    await limit.close();
  }
}
