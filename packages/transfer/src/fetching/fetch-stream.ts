import { ImageChangedError, PartRefusedError } from "../errors.js";
import type { Part } from "../plan.js";
import { kept } from "../promises/kept.js";
import {
  moved,
  requestOverLane,
  type LaneRequest,
  storeFailure,
  storeText,
} from "../request/lane-request.js";
import type { Outcome } from "../request/persist.js";
import type { Watch } from "../request/watch.js";
import type { Loan } from "../run/buffers.js";
import type { Lane, MoveNext } from "../run/lanes.js";
import { paced, shortAnswer, tooLong, type Fetching } from "./fetch-part.js";
import { checkEtag, requestHeaders } from "./stored-image.js";

/** A download that one lane fetches as one stream. */
interface Streaming extends Fetching {
  readonly lane: Lane;
  /** Numbers of the parts that are kept; grows. */
  readonly there: Set<number>;
}

/** Returns what each lane does if the store ignores ranges: one fetches the whole image, the others end. */
export function asOneStream(fetching: Fetching): MoveNext {
  let taken = false;
  return async (lane) => {
    if (taken) return false;
    taken = true;
    await fetchStream({ ...fetching, lane, there: new Set(fetching.done.keys()) });
    return true;
  };
}

/**
 * Fetches the whole image as one stream, from a store that ignores ranges. After a broken connection the next try
 * starts at the first byte, and drops the bytes of parts that are kept.
 */
function fetchStream(streaming: Streaming): Promise<void> {
  const { run, image, lane, signal } = streaming;
  const take = image.url.forTries(signal);
  const request: LaneRequest<void> = {
    run,
    lane,
    signal,
    part: null,
    direction: "down",
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
      headers: requestHeaders(image.etag),
      onHead: (head) => {
        if (head.status === 200) checkEtag(image, head);
        return head.status === 200; // else the body is the text of a refusal
      },
      into: () => {
        const room = kept(cutter.room());
        if (room instanceof Uint8Array) return paced(run, watch, room);
        return room.then((lent) => paced(run, watch, lent));
      },
      onMoved: (bytes) => {
        moved(request, watch, bytes);
        cutter.moved(bytes);
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

/** Memory for the bytes of parts that are kept already: they are dropped. */
const passedOver = new Uint8Array(64 * 1024);

/** Cuts a stream into the plan's parts. */
class Cutter {
  readonly #streaming: Streaming;
  readonly #watch: Watch;
  #index = 0;
  #filledBytes = 0;
  #loan: Loan | null = null;
  #stopped = false;

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

  /** Returns memory for the next bytes: of their part, or for bytes to drop. */
  room(): Uint8Array | Promise<Uint8Array> {
    const { parts, there } = this.#streaming;
    const part = parts[this.#index];
    if (part === undefined) throw tooLong(this.partNumber);
    if (there.has(part.number)) return passedOver.subarray(0, part.lengthBytes - this.#filledBytes);
    return this.#loan?.bytes.subarray(this.#filledBytes) ?? this.#lend(part);
  }

  /** Tells that so many bytes have come. */
  moved(bytes: number): void {
    const { parts, there, keep } = this.#streaming;
    const part = parts[this.#index]!;
    this.#filledBytes += bytes;
    if (this.#filledBytes < part.lengthBytes) return;
    if (this.#loan !== null) keep(this.#loan);
    there.add(part.number);
    this.#loan = null;
    this.#index++;
    this.#filledBytes = 0;
  }

  /** Releases a part that was not filled. */
  stop(): void {
    this.#stopped = true;
    this.#loan?.release();
    this.#loan = null;
  }

  async #lend(part: Part): Promise<Uint8Array> {
    const { buffers } = this.#streaming;
    const loan = await this.#watch.unwatched(() => buffers.lend(part, this.#watch.signal));
    if (this.#stopped) loan.release();
    else this.#loan = loan;
    return loan.bytes;
  }
}
