import { kept, untilAborted } from "../kept.js";
import type { Api } from "../service/api.js";
import type { Journal } from "../journal/journal.js";
import type { Receipts } from "../journal/state.js";
import { UrlOwners } from "../service/answers.js";
import { checkPresignedUrl } from "../service/presigned-url.js";
import { Buffers, type Loan } from "../run/buffers.js";
import { DigestInOrder, type DigestRules } from "../digest/digest-in-order.js";
import type { Lane } from "../run/lanes.js";
import { moveAll, type Spawn } from "../run/moving.js";
import type { PartMd5s } from "./part-md5s.js";
import { MintedUrls } from "../request/minted-urls.js";
import { ReadAhead } from "./read-ahead.js";
import { SourceParts } from "./source-reader.js";
import { SavedDigests, usableDigest } from "../digest/saved-digest.js";
import { sendRaced, sendStraggler } from "./send-raced.js";
import type { Sending } from "./send-part.js";
import { Flights } from "../request/flights.js";
import { partsLeft, type Part } from "../plan.js";
import type { SavedDigest, Source } from "../ports.js";
import { enterPhase, type Run } from "../run/run.js";
import { digestReading } from "../digest/source-digest.js";
import { otherBytes } from "./read-again.js";
import { ReceiptLog } from "./receipt-log.js";

/** Everything that moving an upload's parts needs. */
export interface UploadParts {
  readonly run: Run;
  readonly api: Api;
  readonly server: string;
  readonly source: Source;
  readonly journal: Journal;
  readonly imageId: string;
  readonly parts: readonly Part[];
  readonly receipts: Receipts;
  /** What makes the MD5s that parts are verified by; null where they are not. */
  readonly md5s: PartMd5s | null;
  /** The digest's state that the journal has of this very source. */
  readonly savedDigest: SavedDigest | null;
}

/**
 * Sends every part that has no receipt, and makes the digest of all of them in the same pass.
 *
 * @returns The SHA-256 of the bytes that were sent, in this run and before.
 * @throws {SourceChangedError} A part that was sent before has other bytes now.
 */
export async function uploadParts(upload: UploadParts): Promise<string> {
  const { run, source, parts, receipts, md5s } = upload;
  const longestPart = parts[0]!.lengthBytes;
  const buffers = new Buffers(
    (bytes) => run.platform.allocate(bytes),
    longestPart,
    run.options.memoryBytes,
  );
  enterPhase(run, "moving");
  const log = new ReceiptLog(upload.journal, new SavedDigests(parts, receipts));
  return withDigest(upload, log, (digest) =>
    moveAll(run, buffers, digest, null, (signal, spawn) => {
      const ready = new ReadAhead();
      const stragglers = new Flights(run);
      const urls = partUrls(upload, signal);
      const left = new SourceParts(partsLeft(parts, receipts), source, buffers);
      const onRead = (loan: Loan): void => {
        digest.offer(loan);
        urls.ahead(loan.part);
        md5s?.ahead(loan);
      };
      spawn(async () => {
        try {
          await ready.run(left, () => run.pace.lanes, onRead, signal);
        } finally {
          await urls.settled();
        }
      });
      return (lane) =>
        sendNext({ run, urls, md5s, source, signal }, log, ready, digest, stragglers, lane, spawn);
    }),
  );
}

function partUrls({ run, api, server, imageId }: UploadParts, signal: AbortSignal): MintedUrls {
  const service = api.within(signal);
  const owners = new UrlOwners();
  return new MintedUrls(run.clock, async (part) => {
    const fromMs = run.clock.monotonicMs();
    const minted = await service.partUrl(imageId, part.number, owners);
    run.pace.delay.answered("part URL", run.clock.monotonicMs() - fromMs);
    checkPresignedUrl(minted.url, server);
    return minted;
  });
}

async function withDigest(
  { run, source, parts, receipts, savedDigest }: UploadParts,
  log: ReceiptLog,
  work: (digest: DigestInOrder) => Promise<string>,
): Promise<string> {
  const usable = usableDigest(savedDigest, parts, receipts);
  const digest = digestReading(source, run.platform.openDigest(usable));
  const rules: DigestRules = {
    isStored: true,
    mayKeep: () => 0,
    onSaved: (saved) => log.saved(saved),
    onChanged: (part) => {
      throw otherBytes(part);
    },
  };
  try {
    const inOrder = new DigestInOrder(digest, parts, rules);
    for (const part of parts) {
      const receipt = receipts.get(part.number);
      if (receipt !== undefined) inOrder.stored(part, receipt.crc32);
    }
    return await work(inOrder);
  } finally {
    await Promise.allSettled([digest.close(), log.settled()]);
  }
}

/** Takes the next part, sends it, and has its receipt written while the lane goes on. */
async function sendNext(
  sending: Sending,
  log: ReceiptLog,
  ready: ReadAhead,
  digest: DigestInOrder,
  stragglers: Flights,
  lane: Lane,
  spawn: Spawn,
): Promise<boolean> {
  const { run, signal } = sending;
  const loan = await ready.take(signal);
  if (loan === null) return sendStraggler(sending, stragglers, lane);
  const { part } = loan;
  try {
    const etag = await sendRaced(sending, stragglers, lane, loan);
    lane.meter.state = "recording";
    run.meter.landed(lane.meter, part);
    const hashing = kept(digest.crc32Of(part)) ?? (await run.platform.crc32(loan.bytes));
    spawn(async () => {
      const crc32 = typeof hashing === "number" ? hashing : await untilAborted(hashing, signal);
      digest.stored(part, crc32);
      await log.receipt(part, crc32, etag);
      run.meter.arrived(part);
      run.patience.progressed();
    });
    return true;
  } finally {
    digest.forget(part);
    loan.release();
  }
}
