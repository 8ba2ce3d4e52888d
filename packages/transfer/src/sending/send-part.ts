import { PartRefusedError } from "../errors.js";
import { kept, untilAborted } from "../promises/kept.js";
import type { Part } from "../plan.js";
import type { PutAnswer } from "../ports.js";
import type { Run } from "../run/run.js";
import type { Loan } from "../run/buffers.js";
import type { Lane } from "../run/lanes.js";
import type { PartInput } from "./read-ahead.js";
import { changedSinceRead, WholePart, type PartBytes } from "./part-bytes.js";
import type { PartWindow } from "./part-window.js";
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
  /** Sends parts without a buffer; undefined if each has one. */
  readonly PartWindow: typeof PartWindow | undefined;
  readonly signal: AbortSignal;
}

/** Sends one part until it has arrived. @returns Its ETag. */
export async function sendPart(sending: Sending, lane: Lane, loan: Loan): Promise<string> {
  const { run, input, md5s, PartWindow, signal } = sending;
  if (loan.hasBuffer) {
    const md5 = md5s === null ? null : await untilAborted(md5s.take(loan.part), signal);
    return sendBytes(sending, lane, loan, new WholePart(loan.bytes), md5);
  }
  if (PartWindow === undefined) throw new Error("bug: a part without a buffer");
  const { memory } = run.share;
  const buffer = await memory.window(signal);
  const window = new PartWindow(loan, buffer, input, run.platform);
  try {
    const md5 = md5s === null ? null : await untilAborted(md5s.of(window.pieces(signal)), signal);
    return await sendBytes(sending, lane, loan, window, md5);
  } finally {
    // A disk that hangs may write into it until its read has settled.
    const giveBack = (): void => memory.giveBackWindow(buffer);
    window.settled().then(giveBack, giveBack);
  }
}

async function sendBytes(
  sending: Sending,
  lane: Lane,
  loan: Loan,
  bytes: PartBytes,
  md5: PartMd5 | null,
): Promise<string> {
  const { run, signal } = sending;
  const request: LaneRequest<string> = {
    run,
    lane,
    signal,
    part: loan.part.number,
    direction: "up",
    reachedBytes: 0,
    prepare: async (attempt) => {
      if (attempt.first === "reread" && loan.hasBuffer) await rereadSame(sending, loan);
      request.reachedBytes = lane.meter.reachedBytes = 0;
      if (!lane.isConnected && !lane.renews) connectAhead(sending, lane);
      return sending.urls.take(loan.part);
    },
    send: (url, watch) => putOnce(request, loan.part, bytes, md5, url, watch),
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
  part: Part,
  bytes: PartBytes,
  md5: PartMd5 | null,
  url: string,
  watch: Watch,
): Promise<Outcome<string>> {
  const { run, lane } = request;
  lane.slices.begin();
  await bytes.restart(watch.signal);
  const answer = await lane.transport.put({
    url,
    headers: md5 === null ? {} : { "content-md5": md5.header },
    lengthBytes: part.lengthBytes,
    next: (mostBytes) => {
      const wanted = Math.min(bytes.atOnce(mostBytes), lane.slices.take());
      const granted = kept(run.rateLimit.take(wanted, watch.signal));
      const given = kept(
        typeof granted === "number" ? bytes.next(granted) : granted.then((n) => bytes.next(n)),
      );
      return given instanceof Promise ? watch.unwatched(() => given) : given;
    },
    onMoved: (movedBytes) => {
      bytes.moved(movedBytes);
      moved(request, watch, movedBytes);
      lane.slices.moved(movedBytes);
      if (request.reachedBytes < part.lengthBytes) return;
      lane.meter.state = "answering";
      watch.awaitAnswer();
    },
    newConnection: lane.renews,
    signal: watch.signal,
  });
  lane.isConnected = true;
  return outcomeOf(part, md5, answer, request.reachedBytes);
}

function outcomeOf(
  part: Part,
  md5: PartMd5 | null,
  answer: PutAnswer,
  reachedBytes: number,
): Outcome<string> {
  const refused = (why: string): Error => new PartRefusedError(part.number, answer.status, why);
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
    throw changedSinceRead(loan.part);
  }
}
