import type { Receipts } from "../journal/state.js";
import { kept } from "../promises/kept.js";
import { checkPartsFit } from "../options.js";
import { Buffers, type Loan } from "../run/buffers.js";
import { DigestInOrder, type DigestRules } from "../digest/digest-in-order.js";
import { moveAll } from "../run/moving.js";
import { partBytesFor, partsLeft, planParts, type Part } from "../plan.js";
import type { SavedDigest } from "../ports.js";
import { enterPhase, type Run } from "../run/run.js";
import type { ImageFacts, ImageUrl } from "../service/image-url.js";
import { fetchNext } from "./fetch-next.js";
import { partFetch, type FirstAnswer } from "./fetch-part.js";
import { wholePart } from "./shared-parts.js";
import { WholeImage, type StoredImage } from "./stored-image.js";
import { linkedController } from "../promises/together.js";
import { requestOverLane } from "../request/lane-request.js";
import { openLane } from "../run/lanes.js";

/** The parts that an earlier run has kept, and the length of the parts. */
export interface KeptParts {
  readonly partBytes: number;
  readonly receipts: Receipts;
  readonly savedDigest: SavedDigest | null;
}

/** The journal's account of what an earlier run has kept of an image. */
export interface FormerRun {
  readonly partBytes: number;
  readonly receipts: Receipts;
  readonly etag: string | null;
  /** Whether `resume` need not read the kept parts again to know that they are right. */
  readonly isCertain: boolean;
  /** Prepares to continue with the kept parts. Resolves to null if none is right. */
  resume(): Promise<KeptParts | null>;
}

/** Where the bytes of a download go: a file, an ordered stream, or nothing. */
export interface Output {
  readonly phase: "moving" | "verifying";
  /** What an earlier run has kept of this image; null if nothing. */
  former(facts: ImageFacts): Promise<FormerRun | null>;
  /** Prepares for an image of which no part is kept. */
  begin(facts: ImageFacts, etag: string | null, partBytes: number): Promise<void>;
  /** Returns what takes the parts. */
  open(parts: readonly Part[], kept: KeptParts, mostBuffers: number): OutputParts;
}

/** Takes the parts of one download. */
export interface OutputParts extends DigestRules {
  /** The digest's state to continue from; null to start at the first byte. */
  readonly savedDigest: SavedDigest | null;
  /**
   * Takes a part's bytes, which do not change until this settles.
   *
   * @param hashing Its CRC-32; null if the digest will read the part again.
   * @returns Its CRC-32 if the part can be read again, else null.
   */
  keep(loan: Loan, hashing: Promise<number> | null, signal: AbortSignal): Promise<number | null>;
  /** Runs beside the lanes, until every part is kept. */
  run?(signal: AbortSignal): Promise<void>;
  /** Saves what has arrived, after the download has failed. */
  failed?(): Promise<void>;
}

/** The result of fetching an image. */
export interface FetchedImage {
  /** What the service says of the image. */
  readonly facts: ImageFacts;
  /** Of the whole image, 64 lower-case hex digits. */
  readonly sha256: string;
  readonly resumed: boolean;
}

/**
 * Fetches an image to an output, and makes its digest in the same pass. The first missing part is requested at once:
 * the head of its answer tells the ETag and whether the store answers ranges. Its body waits until the output is ready.
 */
export async function fetchImage(run: Run, url: ImageUrl, output: Output): Promise<FetchedImage> {
  const facts = await url.facts(run.options.signal);
  const { sizeBytes } = facts;
  run.meter.expect(sizeBytes);
  const former = await output.former(facts);
  const partBytes = former?.partBytes ?? partBytesFor(sizeBytes, run.options.wantedPartBytes);
  const parts = planned(run, sizeBytes, partBytes);
  const [next] = partsLeft(parts, former?.receipts ?? new Map());
  const image: StoredImage = { url, sizeBytes, etag: undefined, ranges: true };
  const buffers = new Buffers(run.share.memory, parts[0]!.lengthBytes);
  try {
    // The body of the first answer needs a buffer, which other transfers could take meanwhile.
    if (next !== undefined) await buffers.secureOne(run.options.signal);
    const first = next === undefined ? null : await askFirst(run, image, next);
    return await fetchRest({ run, image, facts, output, former, first, buffers });
  } finally {
    buffers.close();
  }
}

/** Requests the first missing part. Resolves when `image` has the ETag, and whether the store answers ranges. */
async function askFirst(run: Run, image: StoredImage, part: Part): Promise<FirstAnswer> {
  const lane = openLane(run);
  const { controller, unlink } = linkedController(run.options.signal);
  let give!: (loan: Loan) => void;
  const lent = kept(new Promise<Loan>((resolve) => (give = resolve)));
  const answered = kept(new Promise<void>((resolve) => (image.onAnswered = resolve)));
  const stretch = wholePart(part);
  const sent = { run, image, lane, part, stretch, loan: lent, signal: controller.signal };
  const request = partFetch(sent);
  const fetched = kept(requestOverLane(request));
  const close = async (): Promise<void> => {
    isOpen = false;
    unlink();
    controller.abort(new Error("the first answer is not needed"));
    await Promise.allSettled([fetched]);
    await lane.transport.close();
  };
  let isOpen = true;
  try {
    await Promise.race([answered, fetched]);
  } catch (error) {
    if (!(error instanceof WholeImage)) {
      await close();
      throw error;
    }
  }
  return {
    lane,
    request,
    stretch,
    isFor: (wanted) => isOpen && (!image.ranges || isSamePart(part, wanted)),
    fill: (loan, signal) => {
      give(loan);
      lane.meter.state = "moving"; // the request was sent before the lane was one of the run's
      return abortedBy(signal, controller, fetched);
    },
    close,
  };
}

/** Waits for work that `controller` can end, and ends it if `signal` aborts too. */
async function abortedBy(
  signal: AbortSignal,
  controller: AbortController,
  work: Promise<void>,
): Promise<void> {
  const abort = (): void => controller.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  await work.finally(() => signal.removeEventListener("abort", abort));
}

/** Compares offset and length, since a plan with another part length has other parts. */
const isSamePart = (part: Part, wanted: Part | undefined): boolean =>
  wanted?.offset === part.offset && wanted.lengthBytes === part.lengthBytes;

/** A download whose first request is sent. */
interface Begun {
  readonly run: Run;
  readonly image: StoredImage;
  readonly facts: ImageFacts;
  readonly output: Output;
  readonly former: FormerRun | null;
  readonly first: FirstAnswer | null;
  /** Of the part length of the earlier run, or of the wanted one. */
  readonly buffers: Buffers;
}

async function fetchRest(begun: Begun): Promise<FetchedImage> {
  const { run, image, facts, output, former, first } = begun;
  try {
    if (former?.isCertain === false) await first?.close(); // reading it all again may take hours
    const isSame = former !== null && (first === null || former.etag === image.etag);
    let there = isSame ? await former.resume() : null;
    image.etag ??= former?.etag ?? null;
    if (there === null) {
      const partBytes = partBytesFor(facts.sizeBytes, run.options.wantedPartBytes);
      there = { partBytes, receipts: new Map(), savedDigest: null };
      await output.begin(facts, image.etag, partBytes);
    }
    const sha256 = await fetchParts(begun, there);
    return { facts, sha256, resumed: there.receipts.size > 0 };
  } finally {
    await first?.close();
  }
}

/** @throws {InvalidOptionError} The parts need more memory than may be used. */
function planned(run: Run, sizeBytes: number, partBytes: number): readonly Part[] {
  checkPartsFit(run.options, run.platform, sizeBytes, partBytes);
  return planParts(sizeBytes, partBytes);
}

async function fetchParts(begun: Begun, there: KeptParts): Promise<string> {
  const { run, image, output, first } = begun;
  const { receipts, partBytes } = there;
  const parts = planned(run, image.sizeBytes, partBytes);
  run.meter.plan(parts, receipts);
  enterPhase(run, output.phase);
  const usable = first?.isFor(partsLeft(parts, receipts)[0]) === true ? first : null;
  if (usable === null) await first?.close();
  const buffers = begun.buffers.forParts(parts[0]!.lengthBytes);
  const taker = output.open(parts, there, buffers.mostBuffers);
  const digest = run.platform.openDigest(taker.savedDigest);
  try {
    const inOrder = new DigestInOrder(digest, parts, taker);
    for (const part of parts) {
      const receipt = receipts.get(part.number);
      if (receipt !== undefined) inOrder.stored(part, receipt.crc32);
    }
    return await moveAll(run, buffers, inOrder, usable?.lane ?? null, (signal, spawn) => {
      if (taker.run !== undefined) spawn(() => taker.run!(signal));
      const keep = (loan: Loan): void => {
        spawn(keeping(taker, inOrder, loan, signal));
      };
      return fetchNext({ run, image, parts, done: receipts, buffers, first: usable, keep, signal });
    });
  } catch (error) {
    await taker.failed?.().catch(() => undefined); // the first error says more
    throw error;
  } finally {
    await digest.close();
  }
}

/** Returns a task that has a fetched part hashed and kept, and then releases its buffer. The lane continues meanwhile. */
function keeping(
  taker: OutputParts,
  digest: DigestInOrder,
  loan: Loan,
  signal: AbortSignal,
): () => Promise<void> {
  const { part } = loan;
  digest.offer(loan);
  const hashing = kept(digest.crc32Of(part));
  return async () => {
    try {
      const crc32 = await taker.keep(loan, hashing, signal);
      if (crc32 !== null) digest.stored(part, crc32);
    } finally {
      digest.forget(part);
      loan.release();
    }
  };
}
