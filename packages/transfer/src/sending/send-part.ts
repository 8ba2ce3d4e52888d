import { PartRefusedError, SourceChangedError } from "../errors.js";
import { kept, untilAborted } from "../promises/kept.js";
import type { PutAnswer } from "../ports.js";
import type { Run } from "../run/run.js";
import type { Loan } from "../run/buffers.js";
import type { Lane } from "../run/lanes.js";
import type { PartInput } from "./read-ahead.js";
import type { PartMd5, PartMd5s } from "./part-md5s.js";
import type { MintedUrls } from "../service/minted-urls.js";
import {
  moved,
  requestOverLane,
  type LaneRequest,
  storeFailure,
  storeText,
} from "../request/lane-request.js";
import type { Outcome } from "../request/persist.js";
import type { Watch } from "../request/watch.js";

/** What sending a part needs beside the part. */
export interface Sending {
  readonly run: Run;
  readonly urls: MintedUrls;
  /** Null if parts are not verified by their MD5. */
  readonly md5s: PartMd5s | null;
  readonly input: PartInput;
  readonly signal: AbortSignal;
}

/** Sends one part until it has arrived. @returns Its ETag. */
export async function sendPart(sending: Sending, lane: Lane, loan: Loan): Promise<string> {
  const { run, signal } = sending;
  const md5 =
    sending.md5s === null ? null : await untilAborted(sending.md5s.take(loan.part), signal);
  const request: LaneRequest<string> = {
    run,
    lane,
    signal,
    part: loan.part.number,
    direction: "up",
    reachedBytes: 0,
    prepare: async (attempt) => {
      if (attempt.first === "reread") await rereadSame(sending, loan);
      request.reachedBytes = lane.meter.reachedBytes = 0;
      if (!lane.isConnected && !lane.renews) connectAhead(sending, lane);
      return sending.urls.take(loan.part);
    },
    send: (url, watch) => putOnce(request, loan, md5, url, watch),
  };
  return requestOverLane(request);
}

/** A lane's connection is opened while its URL is on the way: the store is known from the first URL. */
function connectAhead({ urls, signal }: Sending, { transport }: Lane): void {
  const connect = (url: string): void => {
    if (!signal.aborted) transport.connect?.(new URL(url).origin);
  };
  urls.first.then(connect, () => undefined);
}

async function putOnce(
  request: LaneRequest<string>,
  loan: Loan,
  md5: PartMd5 | null,
  url: string,
  watch: Watch,
): Promise<Outcome<string>> {
  const { run, lane } = request;
  lane.slices.begin();
  const answer = await lane.transport.put({
    url,
    headers: md5 === null ? {} : { "content-md5": md5.header },
    bytes: loan.bytes,
    sliceBytes: (leftBytes) => {
      const wanted = Math.min(leftBytes, lane.slices.take());
      const granted = kept(run.rateLimit.take(wanted, watch.signal));
      return typeof granted === "number" ? granted : watch.unwatched(() => granted);
    },
    onMoved: (bytes) => {
      moved(request, watch, bytes);
      lane.slices.moved(bytes);
      if (request.reachedBytes < loan.bytes.length) return;
      lane.meter.state = "answering";
      watch.awaitAnswer();
    },
    newConnection: lane.renews,
    signal: watch.signal,
  });
  lane.isConnected = true;
  return outcomeOf(loan, md5, answer, request.reachedBytes);
}

function outcomeOf(
  loan: Loan,
  md5: PartMd5 | null,
  answer: PutAnswer,
  reachedBytes: number,
): Outcome<string> {
  const refused = (why: string): Error =>
    new PartRefusedError(loan.part.number, answer.status, why);
  if (answer.status < 200 || answer.status > 299) {
    const error = refused(storeText(answer));
    return { ok: false, failure: storeFailure(answer), reachedBytes, error };
  }
  const etag = answer.headers["etag"] ?? "";
  const why = unproven(answer, etag);
  const wrong = md5 === null || why !== null ? null : md5.whyNot(etag);
  if (wrong !== null) {
    const failure = { kind: "mismatch", why: wrong } as const;
    return { ok: false, failure, reachedBytes: 0, error: refused(wrong) };
  }
  if (why === null) return { ok: true, value: etag };
  return { ok: false, failure: { kind: "unproven", why }, reachedBytes: 0, error: refused(why) };
}

/** Why a success proves nothing; null if it is a receipt. S3 may answer 200 early, with an error in the body. */
function unproven(answer: PutAnswer, etag: string): string | null {
  if (!answer.sentAll) return "it answered before the part was through";
  if (/<Error[\s>]/.test(answer.text)) return `it answered with an error: ${storeText(answer)}`;
  return etag === "" ? "its answer has no ETag" : null;
}

/** Reads a part again after the store has doubted its bytes. @throws {SourceChangedError} They are other bytes. */
async function rereadSame({ run, input, signal }: Sending, loan: Loan): Promise<void> {
  const before = await run.platform.crc32(loan.bytes);
  if (input.isStored) await input.read(loan.part, loan.bytes, signal); // a stream's is still in memory
  if ((await run.platform.crc32(loan.bytes)) !== before) {
    throw new SourceChangedError(
      `part ${loan.part.number} has other bytes than when it was first read`,
    );
  }
}
