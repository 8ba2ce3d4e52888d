import type { ImageUploadResponse } from "@img/core/models";
import { NameTakenError } from "../errors.js";
import { persist, type Outcome } from "../request/persist.js";
import { apiTimeoutMs } from "../service/ask.js";
import { digestOfSource } from "../digest/source-digest.js";
import { hasDigest, isUnfinished } from "../service/answers.js";
import type { Begun, Claim, UploadContext } from "./upload-context.js";
import { loadDecoder } from "../journal/codec.js";
import { replay } from "../journal/replay.js";
import type { JournalKey, StoredJournal } from "../ports.js";

/** How far a server's clock may drift within one request. */
const clockSlackSec = 2;

/**
 * Creates the image. After a lost answer it looks for the image instead of creating a second one. If this fails
 * and no image can have been created, the journal is deleted: there is nothing to resume.
 */
export async function startImage(ctx: UploadContext, upload: Begun): Promise<Claim> {
  const start = new Start(ctx, upload);
  try {
    return await persist(ctx.run, ctx.options.signal, () => start.once());
  } catch (error) {
    if (!start.mayHaveCreated) await ctx.journal.remove().catch(() => undefined); // the error says more
    throw error;
  }
}

/** If two clocks are further apart than this, one of them was never set. */
const mostApartSec = 2 * 86_400;

/**
 * The range of times that the service may record as "created now". The `Date` of an answer may come from a
 * proxy whose clock is a day off. If our clock differs from it, the range covers both, but starts after the
 * creation of an image that already exists.
 */
async function timesNow({
  api,
  run,
  name,
}: UploadContext): Promise<{ readonly earliestSec: number; readonly latestSec: number }> {
  const { serverTime } = run.share;
  const toldSec = serverTime.nowSec ?? (await api.serverTimeSec());
  if (serverTime.nowSec === null) serverTime.heard(toldSec);
  const ownSec = Math.floor(run.clock.wallMs() / 1000);
  const apartSec = Math.abs(toldSec - ownSec);
  if (apartSec <= clockSlackSec || apartSec > mostApartSec) {
    return { earliestSec: toldSec, latestSec: toldSec };
  }
  const there = await api.findLive(name);
  const afterThereSec = there === null ? 0 : there.createdAt + 1;
  return {
    earliestSec: Math.max(afterThereSec, Math.min(toldSec, ownSec)),
    latestSec: Math.max(toldSec, ownSec),
  };
}

class Start {
  readonly #ctx: UploadContext;
  readonly #partBytes: number;
  /** Server time at which the first call with a lost answer began; null if no answer was lost. */
  #lostSinceSec: number | null = null;
  #untilSec = 0;
  #replaced = false;
  /** Whether a call that creates an image is waiting for its answer. */
  #isAsking = false;

  constructor(ctx: UploadContext, upload: Begun) {
    this.#ctx = ctx;
    this.#partBytes = upload.begin.partBytes;
    if (upload.at === "intended") this.#lost(upload.sinceSec, upload.timeoutMs);
  }

  get mayHaveCreated(): boolean {
    return this.#isAsking || this.#lostSinceSec !== null;
  }

  async once(): Promise<Outcome<Claim>> {
    const ours = await this.#findOurs();
    if (ours !== null) return this.#started(ours.id, true);
    const { api, creating, journal, name } = this.#ctx;
    const now = await timesNow(this.#ctx);
    const sinceSec = this.#lostSinceSec ?? now.earliestSec;
    const timeoutMs = Math.max(0, now.latestSec - sinceSec) * 1000 + apiTimeoutMs;
    await journal.append({ type: "intent", sinceSec, timeoutMs });
    this.#isAsking = true;
    const answer = await api.within(creating).startOnce(name, sinceSec);
    if (answer.as === "done") return this.#started(answer.value.id, false);
    this.#isAsking = false;
    if (answer.as === "refused") {
      if (answer.status === 409) return this.#taken(answer.error);
      throw answer.error;
    }
    if (answer.as === "unknown") this.#lost(sinceSec, timeoutMs);
    return answer.outcome;
  }

  #lost(sinceSec: number, timeoutMs: number): void {
    this.#lostSinceSec = sinceSec;
    this.#untilSec = sinceSec + timeoutMs / 1000 + clockSlackSec;
  }

  /**
   * Finds the image that a call with a lost answer has probably created. Since that is not certain, it is read
   * back at the end.
   */
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

  async #taken(refusal: Error): Promise<Outcome<Claim>> {
    const { api, name, options } = this.#ctx;
    // A 409 may be caused by our own earlier call whose answer was lost: look first.
    const ours = await this.#findOurs();
    if (ours !== null) return this.#started(ours.id, true);
    const image = await api.findLive(name);
    const knownAs = image === null ? null : await knownElsewhere(this.#ctx, image.id);
    const error = new NameTakenError(name, image, knownAs);
    const later: Outcome<Claim> = {
      ok: false,
      failure: { kind: "unproven", why: refusal.message },
      reachedBytes: 0,
      error,
    };
    if (image === null) return later;
    if (options.ifNameTaken === "replace-unfinished" && isUnfinished(image)) {
      await api.delete(image.id);
      if (this.#replaced) return later; // another client took the name again, or the list is out of date
      this.#replaced = true;
      return this.once();
    }
    if (options.ifNameTaken === "accept-same" && image.uploadStatus === "completed") {
      const found = await digestOfSource(this.#ctx.run, this.#ctx.source);
      if (hasDigest(image, found.sha256)) {
        return { ok: true, value: { at: "done", image, ...found } };
      }
    }
    throw error;
  }
}

/**
 * Finds an unfinished upload of this image that was begun with another server URL or workspace. Only used in a
 * message: the service may have two names.
 */
async function knownElsewhere(
  { run, server, name, options }: UploadContext,
  imageId: string,
): Promise<JournalKey | null> {
  // If journals cannot be listed or read, the error about the name is still the one to show.
  const all = await run.platform.journals.list().catch(() => []);
  const others = all.filter(({ key }) => {
    const isOurs = key.server === server && key.workspace === options.workspace;
    return key.kind === "upload" && key.name === name && !isOurs;
  });
  for (const stored of others) {
    if ((await imageIn(stored).catch(() => null)) === imageId) return stored.key;
  }
  return null;
}

/** The image of a journal, if its upload can be resumed. */
async function imageIn({ contents }: StoredJournal): Promise<string | null> {
  const decode = await loadDecoder();
  const state = replay(decode(contents).records);
  return state.at === "started" || state.at === "completing" ? state.imageId : null;
}
