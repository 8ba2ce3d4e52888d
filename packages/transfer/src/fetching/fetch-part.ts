import { ImageChangedError, PartRefusedError } from "../errors.js";
import { MiB, type Part } from "../plan.js";
import type { AnswerHead, GetAnswer } from "../ports.js";
import { kept, untilAborted } from "../promises/kept.js";
import { moved, type LaneRequest, storeFailure, storeText } from "../request/lane-request.js";
import type { Outcome } from "../request/persist.js";
import type { Watch } from "../request/watch.js";
import type { Failure } from "../retry.js";
import { Loan, type Buffers } from "../run/buffers.js";
import type { Lane } from "../run/lanes.js";
import type { Run } from "../run/run.js";
import { learn, requestHeaders, WholeImage, wrongHead, type StoredImage } from "./stored-image.js";
import type { Stretch } from "./shared-parts.js";

/**
 * The request for the first part that is missing, on the first lane's connection. The head of its answer tells what
 * the store has; its body waits until there is memory for it.
 */
export interface FirstAnswer {
  readonly lane: Lane;
  readonly request: LaneRequest<void>;
  readonly stretch: Stretch;
  /** Whether the answer is for this part. If the store ignores ranges, its connection serves any part. */
  isFor(part: Part | undefined): boolean;
  /** Fills the part. */
  fill(loan: Loan, signal: AbortSignal): Promise<void>;
  /** Ends the request and closes the connection. Idempotent. */
  close(): Promise<void>;
}

/** What the lanes of a download share. */
export interface Fetching {
  readonly run: Run;
  readonly image: StoredImage;
  readonly parts: readonly Part[];
  /** Parts that an earlier run has kept, by number. */
  readonly done: ReadonlyMap<number, unknown>;
  readonly buffers: Buffers;
  /** The request for the first missing part, if it was sent already. */
  readonly first: FirstAnswer | null;
  /** Takes a fetched part, and releases its buffer when the part is kept. */
  readonly keep: (loan: Loan) => void;
  readonly signal: AbortSignal;
}

/** One request for bytes of a part. */
export interface PartFetch {
  readonly run: Run;
  readonly image: StoredImage;
  readonly lane: Lane;
  readonly part: Part;
  /** The bytes of the part to fetch. It may become shorter meanwhile. */
  readonly stretch: Stretch;
  /** The part's memory; the body waits until it resolves. */
  readonly loan: Loan | Promise<Loan>;
  readonly signal: AbortSignal;
}

/**
 * Makes the request that fills a loan with its part of the stored image. After a broken connection the next try asks
 * for the rest only. No byte is taken from an answer that is not exactly what was asked for.
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
    lane.isConnected = false; // the rest of its answer is still to come, so the next request takes a new connection
    return { ok: true, value: undefined };
  }
}

/** The range that a try asks for. */
interface Asked {
  readonly first: number;
  readonly last: number;
  /** Length of the stretch, including what earlier tries have brought. */
  readonly askedBytes: number;
}

/** Takes the answer to one try piece by piece. */
class Taking {
  /** How the answer's head differs from what was asked for; null if it does not. */
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

  /** Whether the stretch became shorter meanwhile and all of its bytes have come. Another lane fetches the rest. */
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

/** The most bytes granted at once, so that a rate limit that changes takes effect soon. */
const mostPieceBytes = 4 * MiB;

/** Returns the part of `room` that may be filled next. Waits under a rate limit. */
export function paced(run: Run, watch: Watch, room: Uint8Array): Uint8Array | Promise<Uint8Array> {
  const wanted = Math.min(room.length, mostPieceBytes);
  const granted = kept(run.rateLimit.take(wanted, watch.signal));
  if (typeof granted === "number") return room.subarray(0, granted);
  return watch.unwatched(async () => room.subarray(0, await granted));
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
    return failed(shortAnswer, "its answer was short");
  }
  return { ok: true, value: undefined };
}

/** The failure if a body ends too soon. */
export const shortAnswer = {
  kind: "connection",
  reason: "short answer",
  staleSocket: false,
  reached: true,
} as const;

/** The error for a body with more bytes than its head promised. */
export const tooLong = (part: number): PartRefusedError =>
  new PartRefusedError(part, null, "it answered with more bytes than the image has there");
