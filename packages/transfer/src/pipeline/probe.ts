import { ImageChangedError, PartRefusedError } from "../errors.js";
import type { ImageUrl } from "../service/image-url.js";
import type { AnswerHead, GetAnswer } from "../ports.js";
import type { Run } from "../run.js";
import { parseContentRange, strongEtag } from "./content-range.js";
import { openLane, type Lane } from "./lanes.js";
import { requestOverLane, storeFailure, storeText } from "../request/lane-request.js";
import type { Outcome } from "../request/persist.js";
import { rangeHeaders } from "./fetch-part.js";
import type { Watch } from "../request/watch.js";

/** What the store says of an image before any of it is fetched. */
export interface Probe {
  /** A strong ETag, null where the store gives none. */
  readonly etag: string | null;
  /** Whether the store answers ranges; if not, the image is one stream. */
  readonly ranges: boolean;
}

/** Asks for the first byte: the smallest question that shows ETag, size and whether ranges work. */
export async function probeImage(
  run: Run,
  url: ImageUrl,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<Probe> {
  const lane = openLane(run);
  try {
    return await requestOverLane({
      run,
      lane,
      signal,
      reachedBytes: 0,
      prepare: url.forTries(signal),
      send: async (presigned, watch) => {
        watch.awaitAnswer();
        return outcomeOf(await askFirstByte(lane, presigned, watch), sizeBytes);
      },
    });
  } finally {
    await lane.transport.close();
  }
}

async function askFirstByte(lane: Lane, url: string, watch: Watch): Promise<GetAnswer> {
  try {
    return await lane.transport.get({
      url,
      headers: rangeHeaders(0, 0, null),
      onHead: (head) => {
        if (head.status === 200) throw new WholeImage(head);
        return head.status === 206;
      },
      into: () => new Uint8Array(64 * 1024),
      onMoved: () => undefined,
      signal: watch.signal,
    });
  } catch (error) {
    if (error instanceof WholeImage) return { ...error.head, text: "" };
    throw error;
  }
}

function outcomeOf(answer: GetAnswer, sizeBytes: number): Outcome<Probe> {
  const etag = strongEtag(answer.headers["etag"]);
  if (answer.status === 200) return { ok: true, value: { etag, ranges: false } };
  const why = answer.status === 206 ? "its Content-Range cannot be read" : storeText(answer);
  const error = new PartRefusedError(1, answer.status, why);
  if (answer.status !== 206) {
    return { ok: false, failure: storeFailure(answer), reachedBytes: 0, error };
  }
  const range = parseContentRange(answer.headers["content-range"]);
  if (range?.first !== 0 || range.last !== 0) {
    return { ok: false, failure: { kind: "unproven", why }, reachedBytes: 0, error };
  }
  if (range.sizeBytes !== null && range.sizeBytes !== sizeBytes) {
    throw new ImageChangedError(
      `the store has ${range.sizeBytes} bytes, the service says ${sizeBytes}`,
    );
  }
  return { ok: true, value: { etag, ranges: true } };
}

/** Thrown to end the body of an answer that ignores the range; its head says all that is needed. */
class WholeImage extends Error {
  readonly head: AnswerHead;
  constructor(head: AnswerHead) {
    super("the whole image");
    this.head = head;
  }
}
