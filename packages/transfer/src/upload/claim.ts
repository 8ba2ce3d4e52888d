import type { ImageUploadResponse } from "@img/core/models";
import { Api, apiTimeoutMs } from "../service/api.js";
import { refusal } from "../service/api-failure.js";
import { ImageFailedError, ImageGoneError, NameTakenError, SourceChangedError } from "../errors.js";
import type { Receipts, Upload } from "../journal/replay.js";
import type { UploadRecords } from "../journal/unkept-journal.js";
import type { ResolvedUploadOptions } from "../options.js";
import { persist, type Outcome } from "../pipeline/persist.js";
import { partBytesFor } from "../plan.js";
import type { Source } from "../ports.js";
import type { Run } from "../run.js";
import { digestOfSource } from "../source-digest.js";

/** What an upload is about; fixed for the run. */
export interface UploadContext {
  readonly run: Run;
  readonly options: ResolvedUploadOptions;
  readonly api: Api;
  readonly server: string;
  readonly name: string;
  readonly source: Source;
  readonly journal: UploadRecords;
}

/** The image that this upload's parts go to, or that it already is. */
export type Claim =
  | {
      readonly at: "moving";
      readonly imageId: string;
      readonly adopted: boolean;
      readonly receipts: Receipts;
      readonly partBytes: number;
      /** The digest, where the journal has it and the source is certainly the same. */
      readonly sha256: string | null;
    }
  | { readonly at: "done"; readonly image: ImageUploadResponse; readonly sha256: string };

/** An upload of which no image is known yet. */
type Begun = Extract<Upload, { at: "begun" | "intended" }>;

/** More than a server's clock is off within one request. */
const clockSlackSec = 2;

/** Finds what the journal knows of this upload, or starts it. */
export async function claimImage(ctx: UploadContext): Promise<Claim> {
  const upload = await resumeOrBegin(ctx);
  if (upload.at === "completed") return (await settleCompleted(ctx, upload)) ?? claimAnew(ctx);
  if (upload.at === "begun" || upload.at === "intended") return startImage(ctx, upload);
  return goOnWith(ctx, upload);
}

async function claimAnew(ctx: UploadContext): Promise<Claim> {
  return startImage(ctx, await begin(ctx));
}

/** The upload in the journal where it is of this source, else a new one. */
async function resumeOrBegin(ctx: UploadContext): Promise<Upload> {
  const { state } = ctx.journal;
  if (state.at === "nothing" || state.at === "downloading") return begin(ctx);
  if (state.begin.sizeBytes !== ctx.source.sizeBytes) return sourceDiffers(ctx, state);
  return state;
}

export function sameIdentity(source: Source, upload: Upload): boolean {
  const before = Object.entries(upload.identity);
  return (
    before.length === Object.keys(source.identity).length &&
    before.every(([key, value]) => source.identity[key] === value)
  );
}

async function sourceDiffers(ctx: UploadContext, state: Upload): Promise<Upload> {
  if (state.at === "completed") return begin(ctx);
  if (ctx.options.ifSourceChanged === "fail") {
    throw new SourceChangedError(
      `it has ${ctx.source.sizeBytes} bytes, but had ${state.begin.sizeBytes} when this upload began`,
    );
  }
  return beginAnew(ctx);
}

/** Deletes our unfinished image, never a completed one, and begins with a new id. */
export async function beginAnew(ctx: UploadContext): Promise<Begun> {
  const { state } = ctx.journal;
  if (state.at === "started" || state.at === "completing") {
    const image = await ctx.api.get(state.imageId);
    if (image !== null) await deleteUnfinished(ctx, image);
  }
  return begin(ctx);
}

async function deleteUnfinished(ctx: UploadContext, image: ImageUploadResponse): Promise<void> {
  if (!isUnfinished(image)) throw new NameTakenError(ctx.name, image);
  await ctx.api.delete(image.id);
}

/** A status that we do not know may be one that only complete images have. */
export const isUnfinished = ({ uploadStatus }: ImageUploadResponse): boolean =>
  uploadStatus === "started" || uploadStatus === "uploading" || uploadStatus === "failed";

async function begin(ctx: UploadContext): Promise<Begun> {
  const { source, journal, options, run } = ctx;
  await journal.begin({
    type: "begin",
    kind: "upload",
    server: ctx.server,
    name: ctx.name,
    sizeBytes: source.sizeBytes,
    partBytes: partBytesFor(source.sizeBytes, options.wantedPartBytes),
    from: source.label,
    identity: source.identity,
    beganAtSec: Math.floor(run.clock.wallMs() / 1000),
  });
  const { state } = journal;
  if (state.at !== "begun") throw new Error(`bug: a new upload is at "${state.at}"`);
  return state;
}

/** The last run completed the image, and ended before its journal was gone. */
async function settleCompleted(
  ctx: UploadContext,
  upload: Upload & { at: "completed" },
): Promise<Claim | null> {
  if (!sameIdentity(ctx.source, upload)) return null;
  const image = await ctx.api.get(upload.imageId);
  if (image?.uploadStatus !== "completed") return null;
  // Where the service tells no digest, it was read back before it was recorded as completed.
  const { sha256 } = upload;
  const ours = !image.sha256 || hasDigest(image, sha256);
  return ours ? { at: "done", image, sha256 } : null;
}

/** Whether the service says that an image has this digest. */
export const hasDigest = (image: ImageUploadResponse, sha256: string): boolean =>
  image.sha256?.toLowerCase() === sha256;

/** An image from an earlier run: does it still wait for parts? */
async function goOnWith(
  ctx: UploadContext,
  upload: Upload & { at: "started" | "completing" },
): Promise<Claim> {
  const image = await ctx.api.get(upload.imageId);
  if (image === null || image.uploadStatus === "failed") {
    if (ctx.options.ifImageGone === "restart") return startImage(ctx, await beginAnew(ctx));
    throw image === null
      ? new ImageGoneError(upload.imageId)
      : new ImageFailedError(upload.imageId);
  }
  // Ours only if we were completing it; whether with our digest is settled by `completeImage`.
  if (image.uploadStatus === "completed" && upload.at === "started") {
    throw new NameTakenError(ctx.name, image);
  }
  const known = upload.at === "completing" && sameIdentity(ctx.source, upload);
  return {
    at: "moving",
    imageId: upload.imageId,
    adopted: upload.adopted,
    receipts: upload.receipts,
    partBytes: upload.begin.partBytes,
    sha256: known ? upload.sha256 : null,
  };
}

/** Creates the image. An answer that may be lost is settled by looking, and never by creating a second one. */
async function startImage(ctx: UploadContext, upload: Begun): Promise<Claim> {
  const start = new Start(ctx, upload);
  return persist(ctx.run, ctx.options.signal, () => start.once());
}

class Start {
  readonly #ctx: UploadContext;
  readonly #partBytes: number;
  /** When the first call began whose answer may be lost, by the server's clock; null if none was. */
  #lostSinceSec: number | null = null;
  #untilSec = 0;
  #replaced = false;

  constructor(ctx: UploadContext, upload: Begun) {
    this.#ctx = ctx;
    this.#partBytes = upload.begin.partBytes;
    if (upload.at === "intended") this.#lost(upload.sinceSec, upload.timeoutMs);
  }

  async once(): Promise<Outcome<Claim>> {
    const ours = await this.#findOurs();
    if (ours !== null) return this.#started(ours.id, true);
    const { api, journal, name } = this.#ctx;
    const nowSec = await api.serverTimeSec();
    const sinceSec = this.#lostSinceSec ?? nowSec;
    const timeoutMs = (nowSec - sinceSec) * 1000 + apiTimeoutMs;
    await journal.append({ type: "intent", sinceSec, timeoutMs });
    const answer = await api.startOnce(name);
    if (answer.as === "done") return this.#started(answer.value.id, false);
    if (answer.as === "refused" && answer.status !== 409)
      throw refusal("start the upload", answer.error);
    if (answer.as === "refused") return this.#taken(answer.error);
    if (answer.as === "not-now") return answer.outcome;
    this.#lost(sinceSec, timeoutMs);
    return answer.outcome;
  }

  #lost(sinceSec: number, timeoutMs: number): void {
    this.#lostSinceSec = sinceSec;
    this.#untilSec = sinceSec + timeoutMs / 1000 + clockSlackSec;
  }

  /** The image that a lost call of ours has made, as far as can be told: it is read back at the end. */
  async #findOurs(): Promise<ImageUploadResponse | null> {
    if (this.#lostSinceSec === null) return null;
    const image = await this.#ctx.api.findLive(this.#ctx.name);
    const inTime =
      image !== null && image.createdAt >= this.#lostSinceSec && image.createdAt <= this.#untilSec;
    return inTime && image.uploadStatus === "started" ? image : null;
  }

  async #started(imageId: string, adopted: boolean): Promise<Outcome<Claim>> {
    await this.#ctx.journal.append({ type: "started", imageId, adopted });
    const value: Claim = {
      at: "moving",
      imageId,
      adopted,
      receipts: new Map(),
      partBytes: this.#partBytes,
      sha256: null,
    };
    return { ok: true, value };
  }

  async #taken(cause: unknown): Promise<Outcome<Claim>> {
    const { api, name, options } = this.#ctx;
    // A 409 may be the echo of a call whose answer was lost: look before it is somebody else's.
    const ours = await this.#findOurs();
    if (ours !== null) return this.#started(ours.id, true);
    const image = await api.findLive(name);
    const error = new NameTakenError(name, image);
    const later: Outcome<Claim> = {
      ok: false,
      failure: { kind: "unproven", why: String(cause) },
      reachedBytes: 0,
      error,
    };
    if (image === null) return later;
    if (options.ifNameTaken === "replace-unfinished" && isUnfinished(image)) {
      await api.delete(image.id);
      if (this.#replaced) return later; // somebody is as quick as we are, or the list is behind
      this.#replaced = true;
      return this.once();
    }
    if (options.ifNameTaken === "verify" && image.uploadStatus === "completed") {
      const sha256 = await digestOfSource(this.#ctx.run, this.#ctx.source);
      if (hasDigest(image, sha256)) return { ok: true, value: { at: "done", image, sha256 } };
    }
    throw error;
  }
}
