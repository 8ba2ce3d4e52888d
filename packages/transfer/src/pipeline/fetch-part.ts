import { ImageChangedError, PartRefusedError } from "../errors.js";
import { kept } from "../kept.js";
import { MiB } from "../plan.js";
import type { ImageUrl } from "../service/image-url.js";
import type { AnswerHead, GetAnswer } from "../ports.js";
import type { Failure } from "../retry.js";
import type { Run } from "../run.js";
import type { Loan } from "./buffers.js";
import { parseContentRange, strongEtag } from "./content-range.js";
import type { Lane } from "./lanes.js";
import { moved, storeFailure, storeText, type LaneRequest } from "../request/lane-request.js";
import type { Outcome } from "../request/persist.js";
import type { Watch } from "../request/watch.js";

/** The stored image that parts are fetched from. */
export interface StoredImage {
  readonly url: ImageUrl;
  readonly sizeBytes: number;
  /** A strong ETag, which every answer must have; null where the store gives none. */
  readonly etag: string | null;
}

/**
 * The request that fills a loan with its part of the stored image. A connection that ends in the middle is
 * resumed from where it was; no byte is taken from an answer that is not exactly what was asked for.
 */
export function partFetch(
  run: Run,
  image: StoredImage,
  lane: Lane,
  loan: Loan,
  signal: AbortSignal,
): LaneRequest<void> {
  const request: LaneRequest<void> = {
    run,
    lane,
    signal,
    reachedBytes: 0,
    prepare: image.url.forTries(signal),
    send: (url, watch) => getOnce(request, image, loan, url, watch),
  };
  return request;
}

async function getOnce(
  request: LaneRequest<void>,
  image: StoredImage,
  loan: Loan,
  url: string,
  watch: Watch,
): Promise<Outcome<void>> {
  const { run, lane } = request;
  const first = loan.part.offset + request.reachedBytes;
  const last = loan.part.offset + loan.part.lengthBytes - 1;
  let wrong: string | null = null;
  watch.awaitAnswer();
  const fromMs = run.clock.monotonicMs();
  const answer = await lane.transport.get({
    url,
    headers: rangeHeaders(first, last, image.etag),
    onHead: (head) => {
      run.pace.delay.answered(
        lane.isConnected ? "head" : "first head",
        run.clock.monotonicMs() - fromMs,
      );
      lane.isConnected = true;
      if (head.status !== 206) return false;
      wrong = wrongHead(head, first, last, image);
      return wrong === null;
    },
    into: () => {
      const left = loan.bytes.subarray(request.reachedBytes);
      if (left.length === 0) throw tooLong(loan.part.number);
      return paced(run, watch, left);
    },
    onMoved: (bytes) => moved(request, watch, bytes),
    signal: watch.signal,
  });
  return outcomeOf(loan, answer, wrong, request.reachedBytes);
}

export function rangeHeaders(
  first: number,
  last: number,
  etag: string | null,
): Record<string, string> {
  const range = { range: `bytes=${first}-${last}`, "accept-encoding": "identity" };
  return etag === null ? range : { ...range, "if-match": etag };
}

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
  const etag = strongEtag(head.headers["etag"]);
  if (image.etag !== null && etag !== null && etag !== image.etag) {
    throw new ImageChangedError("the store tells another ETag than before");
  }
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

function outcomeOf(
  loan: Loan,
  answer: GetAnswer,
  wrong: string | null,
  reachedBytes: number,
): Outcome<void> {
  const failed = (failure: Failure, why: string): Outcome<void> => ({
    ok: false,
    failure,
    reachedBytes,
    error: new PartRefusedError(loan.part.number, answer.status, why),
  });
  if (answer.status === 412 || answer.status === 416) {
    throw new ImageChangedError(`the store answered ${answer.status}`);
  }
  if (answer.status < 200 || answer.status > 299)
    return failed(storeFailure(answer), storeText(answer));
  const why = wrong ?? (answer.status === 206 ? null : "it answered with all of the image");
  if (why !== null) return failed({ kind: "unproven", why }, why);
  if (reachedBytes < loan.bytes.length) {
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
