import { ImageChangedError, PartRefusedError } from "../errors.js";
import { kept, untilAborted } from "../promises/kept.js";
import { MiB, type Part } from "../plan.js";
import type { ImageUrl } from "../service/image-url.js";
import type { AnswerHead, GetAnswer } from "../ports.js";
import type { Failure } from "../retry.js";
import type { Run } from "../run/run.js";
import { Loan } from "../run/buffers.js";
import { parseContentRange, strongEtag } from "./content-range.js";
import type { Stretch } from "./stretch.js";
import type { Lane } from "../run/lanes.js";
import { moved, type LaneRequest } from "../request/lane-request.js";
import { storeFailure, storeText } from "../request/store-answer.js";
import type { Outcome } from "../request/persist.js";
import type { Watch } from "../request/watch.js";

/** The stored image that parts are fetched from. */
export interface StoredImage {
  readonly url: ImageUrl;
  readonly sizeBytes: number;
  /** A strong ETag, which every answer must have; null where the store gives none, undefined before its first answer. */
  etag: string | null | undefined;
  /** Whether the store answers ranges; if not, the image is one stream. */
  ranges: boolean;
  /** Called with the head of the first answer. */
  onAnswered?: () => void;
}

/** What fetching one part needs. */
export interface PartFetch {
  readonly run: Run;
  readonly image: StoredImage;
  readonly lane: Lane;
  readonly part: Part;
  /** What of the part is fetched; it may become shorter meanwhile. */
  readonly stretch: Stretch;
  /** Its memory; the body is held back until it is there. */
  readonly loan: Loan | Promise<Loan>;
  readonly signal: AbortSignal;
}

/**
 * The request that fills a loan with its part of the stored image. A connection that ends in the middle is
 * resumed from where it was; no byte is taken from an answer that is not exactly what was asked for.
 */
export function partFetch(fetch: PartFetch): LaneRequest<void> {
  const { run, image, lane, part, signal } = fetch;
  const request: LaneRequest<void> = {
    run,
    lane,
    signal,
    part: part.number,
    direction: "down",
    reachedBytes: 0,
    prepare: image.url.forTries(signal),
    send: (url, watch) => getOnce(fetch, request, url, watch),
  };
  return request;
}

async function getOnce(
  fetch: PartFetch,
  request: LaneRequest<void>,
  url: string,
  watch: Watch,
): Promise<Outcome<void>> {
  const { image, lane, part, stretch } = fetch;
  const askedBytes = stretch.lengthBytes;
  const first = part.offset + stretch.fromBytes + request.reachedBytes;
  const last = part.offset + stretch.fromBytes + askedBytes - 1;
  const taking = new Taking(fetch, request, watch, { first, last, askedBytes });
  watch.awaitAnswer();
  try {
    const answer = await lane.transport.get({
      url,
      headers: { ...requestHeaders(image.etag), range: `bytes=${first}-${last}` },
      onHead: (head) => taking.onHead(head),
      into: () => taking.into(),
      onMoved: (bytes) => taking.onMoved(bytes),
      signal: watch.signal,
    });
    return outcomeOf(part, answer, taking.wrong, request.reachedBytes, stretch);
  } catch (error) {
    if (!taking.isBehindCut) throw error;
    lane.isConnected = false; // the rest of its answer is not waited for
    return { ok: true, value: undefined };
  }
}

/** What a try asks for. */
interface Asked {
  readonly first: number;
  readonly last: number;
  /** Of the stretch, with what was there before. */
  readonly askedBytes: number;
}

/** Takes the answer to one try as it comes. */
class Taking {
  /** What of the answer's head is not what was asked for; null if all is. */
  wrong: string | null = null;
  readonly #fetch: PartFetch;
  readonly #request: LaneRequest<void>;
  readonly #watch: Watch;
  readonly #asked: Asked;
  readonly #fromMs: number;

  constructor(fetch: PartFetch, request: LaneRequest<void>, watch: Watch, asked: Asked) {
    this.#fetch = fetch;
    this.#request = request;
    this.#watch = watch;
    this.#asked = asked;
    this.#fromMs = fetch.run.clock.monotonicMs();
  }

  /** Whether all is there that was not cut off meanwhile, which comes over another connection. */
  get isBehindCut(): boolean {
    const { lengthBytes } = this.#fetch.stretch;
    return lengthBytes < this.#asked.askedBytes && this.#request.reachedBytes >= lengthBytes;
  }

  onHead(head: AnswerHead): boolean {
    const { run, image, lane } = this.#fetch;
    const { first, last } = this.#asked;
    const kind = lane.isConnected ? "head" : "first head";
    run.pace.delay.answered(kind, run.clock.monotonicMs() - this.#fromMs);
    lane.isConnected = true;
    if (head.status === 200 && image.etag === undefined) throw new WholeImage(image, head);
    if (head.status !== 206) return false;
    this.wrong = wrongHead(head, first, last, image);
    if (this.wrong === null) learn(image, head);
    return this.wrong === null;
  }

  into(): Uint8Array | Promise<Uint8Array> {
    const { part, loan } = this.#fetch;
    if (this.#request.reachedBytes === this.#asked.askedBytes) throw tooLong(part.number);
    if (loan instanceof Loan) return this.#room(loan);
    const watch = this.#watch;
    return watch
      .unwatched(() => untilAborted(loan, watch.signal))
      .then((given) => this.#room(given));
  }

  onMoved(bytes: number): void {
    moved(this.#request, this.#watch, bytes);
    if (this.isBehindCut) this.#watch.end("replaced");
  }

  #room({ bytes }: Loan): Uint8Array | Promise<Uint8Array> {
    const { run, stretch } = this.#fetch;
    const from = stretch.fromBytes + this.#request.reachedBytes;
    const until = stretch.fromBytes + this.#asked.askedBytes;
    return paced(run, this.#watch, bytes.subarray(from, until));
  }
}

/** Ends the first answer where the store ignores the range; its head says all that is needed. */
export class WholeImage extends Error {
  constructor(image: StoredImage, head: AnswerHead) {
    super("the store answered with the whole image");
    image.ranges = false;
    learn(image, head);
  }
}

function learn(image: StoredImage, head: AnswerHead): void {
  if (image.etag !== undefined) return;
  image.etag = strongEtag(head.headers["etag"]);
  image.onAnswered?.();
}

/** What every request for bytes of the image says: they are wanted as they are, of the object that was seen before. */
export const requestHeaders = (etag: StoredImage["etag"]): Record<string, string> => ({
  "accept-encoding": "identity",
  ...(etag != null && { "if-match": etag }),
});

/** A limit that is set meanwhile counts from the next piece on. */
const mostPieceBytes = 4 * MiB;

/** What of this memory may be filled next; waits under a rate limit. */
export function paced(run: Run, watch: Watch, room: Uint8Array): Uint8Array | Promise<Uint8Array> {
  const wanted = Math.min(room.length, mostPieceBytes);
  const granted = kept(run.rateLimit.take(wanted, watch.signal));
  if (typeof granted === "number") return room.subarray(0, granted);
  return watch.unwatched(async () => room.subarray(0, await granted));
}

/** What of an answer's head is not what was asked for; null if all is. @throws {ImageChangedError} */
function wrongHead(
  head: AnswerHead,
  first: number,
  last: number,
  image: StoredImage,
): string | null {
  checkEtag(image, head);
  if ((head.headers["content-encoding"] ?? "identity") !== "identity") return "it is compressed";
  const range = parseContentRange(head.headers["content-range"]);
  if (range?.first !== first || range.last !== last)
    return "its Content-Range is not what was asked for";
  if (range.sizeBytes !== null && range.sizeBytes !== image.sizeBytes) {
    throw new ImageChangedError(`it has ${range.sizeBytes} bytes instead of ${image.sizeBytes}`);
  }
  const length = head.headers["content-length"];
  return length === undefined || Number(length) === last - first + 1
    ? null
    : "its length is not what was asked for";
}

/** @throws {ImageChangedError} An answer has another ETag than the ones before. A weak or absent ETag tells nothing. */
export function checkEtag({ etag: before }: StoredImage, { headers }: AnswerHead): void {
  const etag = strongEtag(headers["etag"]);
  if (before == null || etag === null || etag === before) return;
  throw new ImageChangedError("the store tells another ETag than before");
}

function outcomeOf(
  part: Part,
  answer: GetAnswer,
  wrong: string | null,
  reachedBytes: number,
  stretch: Stretch,
): Outcome<void> {
  const failed = (failure: Failure, why: string): Outcome<void> => ({
    ok: false,
    failure,
    reachedBytes,
    error: new PartRefusedError(part.number, answer.status, why),
  });
  if (answer.status === 412 || answer.status === 416) {
    throw new ImageChangedError(`the store answered ${answer.status}`);
  }
  if (answer.status < 200 || answer.status > 299)
    return failed(storeFailure(answer), storeText(answer));
  const why = wrong ?? (answer.status === 206 ? null : "it answered with all of the image");
  if (why !== null) return failed({ kind: "unproven", why }, why);
  if (reachedBytes < stretch.lengthBytes) {
    return failed(
      { kind: "connection", reason: "short answer", staleSocket: false, reached: true },
      "its answer was short",
    );
  }
  return { ok: true, value: undefined };
}

/** More bytes than asked for, although the head promised otherwise. */
export const tooLong = (part: number): PartRefusedError =>
  new PartRefusedError(part, null, "it answered with more bytes than the image has there");
