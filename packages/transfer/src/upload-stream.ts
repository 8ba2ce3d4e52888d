import type { SfcCore } from "@img/core/core.js";
import type { TransferOptions } from "./options.js";
import type { JournalStore, SequentialSource, StreamSource, Clock } from "./ports.js";
import { startRun, type TransferTask } from "./run/run.js";
import { isUnfinished } from "./service/answers.js";
import { Api } from "./service/api.js";
import type { UploadContext } from "./claim/upload-context.js";
import { allMeans, uploadBy, uploadOnce, type UploadResult } from "./upload.js";

/** Of an upload of a stream. Each has a default. */
export interface UploadStreamOptions extends TransferOptions {
  /** Another live image has the name: stop; or delete it if it was never completed, and begin. @default "fail" */
  readonly ifNameTaken?: "fail" | "replace-unfinished" | undefined;
  /** As for `upload`. @default false */
  readonly readBack?: boolean | undefined;
  /** `"download"` is the former way to say `readBack`. @default "none" */
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
 * again from there. What was read cannot be read again, so an upload that failed cannot be resumed: its unfinished
 * image is deleted, if the service can be reached.
 *
 * @throws {ImageSizeError} It was empty, or longer than 128 GiB.
 * @throws One of the other classes in errors.ts, or the signal's reason.
 */
export const uploadStream = (
  { stream, ...task }: UploadStreamTask,
  given: UploadStreamOptions,
): Promise<UploadResult> =>
  uploadBy({ ...task, source: readOnce(stream) }, given, {
    journals: keepsNothing,
    startOver: "Upload the stream again.",
    ...allMeans,
    work: (ctx) => uploadOrWithdraw(ctx, task.client),
  });

/** A stream as a source. It can be opened once, and nothing tells whether it changed. */
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

const nothing = async (): Promise<void> => undefined;

/** The journal of an upload that no other run can resume. */
const keepsNothing: JournalStore = {
  open: async () => ({
    read: async () => new Uint8Array(),
    replace: nothing,
    append: nothing,
    remove: nothing,
    close: nothing,
  }),
  list: async () => [],
};

/** How long an aborted upload may take to learn the image's id, and to delete the image. */
const endMs = 500;
const withdrawMs = 10_000;

async function uploadOrWithdraw(ctx: UploadContext, client: SfcCore): Promise<UploadResult> {
  const { run, options, journal } = ctx;
  const ending = abortedAfter(options.signal, endMs, run.clock);
  try {
    return await uploadOnce({ ...ctx, creating: ending.signal });
  } catch (error) {
    const { state } = journal;
    // An adopted image may be another client's.
    if ("imageId" in state && !state.adopted) {
      await withdraw(ctx, client, state.imageId, ending.signal);
    }
    throw error;
  } finally {
    ending.close();
  }
}

/** Deletes an image that can never be finished. A failure of that is ignored: the first error says more. */
async function withdraw(
  { run: { platform }, options }: UploadContext,
  client: SfcCore,
  imageId: string,
  ending: AbortSignal,
): Promise<void> {
  const now = new AbortController();
  now.abort(new Error("too late"));
  const limit = abortedAfter(now.signal, withdrawMs, platform.clock);
  const signal = options.signal.aborted ? ending : limit.signal;
  const api = new Api(client, startRun(platform, { ...options, signal, retryBudgetMs: 0 }));
  try {
    const image = await api.get(imageId);
    if (image !== null && isUnfinished(image)) await api.delete(imageId);
  } catch {
    // The name stays taken by an unfinished image, which `ifNameTaken` can replace.
  } finally {
    limit.close();
  }
}

/** A signal that aborts `ms` milliseconds after `first`, for the same reason. `close` ends its timer. */
function abortedAfter(first: AbortSignal, ms: number, clock: Clock) {
  const late = new AbortController();
  const closed = new AbortController();
  const onAbort = (): void => {
    clock.wait(ms, closed.signal).then(
      () => late.abort(first.reason),
      () => undefined, // closed
    );
  };
  if (first.aborted) onAbort();
  else first.addEventListener("abort", onAbort, { once: true });
  const close = (): void => {
    first.removeEventListener("abort", onAbort);
    closed.abort(new Error("closed"));
  };
  return { signal: late.signal, close };
}
