import { ImageChangedError, PartRefusedError } from "../errors.js";
import type { Part } from "../plan.js";
import type { AnswerHead } from "../ports.js";
import type { Run } from "../run.js";
import type { Buffers, Loan } from "./buffers.js";
import { strongEtag } from "./content-range.js";
import { paced, tooLong, type StoredImage } from "./fetch-part.js";
import type { Lane } from "./lanes.js";
import {
  moved,
  requestOverLane,
  storeFailure,
  storeText,
  type LaneRequest,
} from "../request/lane-request.js";
import type { Outcome } from "../request/persist.js";
import type { Watch } from "../request/watch.js";

export interface Streaming {
  readonly run: Run;
  readonly image: StoredImage;
  readonly lane: Lane;
  readonly parts: readonly Part[];
  /** Numbers of the parts that need no keeping; grows. */
  readonly done: Set<number>;
  readonly buffers: Buffers;
  readonly keep: (loan: Loan) => void;
  readonly signal: AbortSignal;
}

/**
 * Fetches the whole image as one stream, from a store that ignores ranges. A try that breaks begins
 * again from the first byte, and passes over the parts that are there already.
 */
export function fetchStream(streaming: Streaming): Promise<void> {
  const { run, image, lane, signal } = streaming;
  const take = image.url.forTries(signal);
  const request: LaneRequest<void> = {
    run,
    lane,
    signal,
    reachedBytes: 0,
    prepare: (attempt) => {
      request.reachedBytes = lane.meter.reachedBytes = 0;
      return take(attempt);
    },
    send: (url, watch) => streamOnce(streaming, request, url, watch),
  };
  return requestOverLane(request);
}

async function streamOnce(
  streaming: Streaming,
  request: LaneRequest<void>,
  url: string,
  watch: Watch,
): Promise<Outcome<void>> {
  const { run, image, lane } = streaming;
  const cutter = new Cutter(streaming, watch);
  watch.awaitAnswer();
  try {
    const answer = await lane.transport.get({
      url,
      headers: {
        "accept-encoding": "identity",
        ...(image.etag === null ? {} : { "if-match": image.etag }),
      },
      onHead: (head) => isStillTheImage(image, head),
      onBytes: async (bytes) => {
        moved(request, watch, bytes.length);
        await cutter.take(bytes);
        await paced(run, watch, bytes.length);
      },
      signal: watch.signal,
    });
    if (answer.status === 412) throw new ImageChangedError("the store answered 412");
    if (answer.status === 200 && cutter.complete) return { ok: true, value: undefined };
    const error = new PartRefusedError(cutter.partNumber, answer.status, storeText(answer));
    if (answer.status !== 200)
      return { ok: false, failure: storeFailure(answer), reachedBytes: 0, error };
    return { ok: false, failure: shortAnswer, reachedBytes: request.reachedBytes, error };
  } finally {
    cutter.stop();
  }
}

const shortAnswer = {
  kind: "connection",
  reason: "short answer",
  staleSocket: false,
  reached: true,
} as const;

/** @returns Whether the body that follows is the image, and not the text of a refusal. */
function isStillTheImage(image: StoredImage, { status, headers }: AnswerHead): boolean {
  const etag = strongEtag(headers["etag"]);
  if (status === 200 && image.etag !== null && etag !== null && etag !== image.etag) {
    throw new ImageChangedError("the store tells another ETag than before");
  }
  return status === 200;
}

/** Cuts a stream into the plan's parts. */
class Cutter {
  readonly #streaming: Streaming;
  readonly #watch: Watch;
  #index = 0;
  #filledBytes = 0;
  #loan: Loan | null = null;

  constructor(streaming: Streaming, watch: Watch) {
    this.#streaming = streaming;
    this.#watch = watch;
  }

  get complete(): boolean {
    return this.#index === this.#streaming.parts.length;
  }

  get partNumber(): number {
    return Math.min(this.#index + 1, this.#streaming.parts.length);
  }

  async take(bytes: Uint8Array): Promise<void> {
    // The bytes are only lent for this call's first step: what waits for a buffer is copied.
    let left = this.#needsBuffer(bytes.length) ? new Uint8Array(bytes) : bytes;
    while (left.length > 0) {
      const part = this.#streaming.parts[this.#index];
      if (part === undefined) throw tooLong(this.partNumber);
      const piece = left.subarray(0, part.lengthBytes - this.#filledBytes);
      if (!this.#streaming.done.has(part.number)) await this.#fill(part, piece);
      this.#advance(part, piece.length);
      left = left.subarray(piece.length);
    }
  }

  /** Gives back a part that was not filled. */
  stop(): void {
    this.#loan?.release();
    this.#loan = null;
  }

  #needsBuffer(bytes: number): boolean {
    const part = this.#streaming.parts[this.#index];
    return (
      this.#loan === null || part === undefined || this.#filledBytes + bytes > part.lengthBytes
    );
  }

  async #fill(part: Part, piece: Uint8Array): Promise<void> {
    const { buffers } = this.#streaming;
    this.#loan ??= await this.#watch.unwatched(() => buffers.lend(part, this.#watch.signal));
    this.#loan.bytes.set(piece, this.#filledBytes);
  }

  #advance(part: Part, bytes: number): void {
    this.#filledBytes += bytes;
    if (this.#filledBytes < part.lengthBytes) return;
    if (this.#loan !== null) {
      this.#streaming.keep(this.#loan);
      this.#streaming.done.add(part.number);
      this.#loan = null;
    }
    this.#index++;
    this.#filledBytes = 0;
  }
}
