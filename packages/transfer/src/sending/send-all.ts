import type { Moving, UploadContext } from "../claim/upload-context.js";
import { DigestInOrder, type DigestRules } from "../digest/digest-in-order.js";
import { SavedDigests, usableDigest } from "../digest/saved-digest.js";
import { SourceChangedError } from "../errors.js";
import type { Receipt } from "../journal/record.js";
import type { Receipts } from "../journal/state.js";
import type { Journal } from "../journal/journal.js";
import type { Part } from "../plan.js";
import { kept, untilAborted } from "../promises/kept.js";
import type { SavedDigest } from "../ports.js";
import { PartsInFlight } from "../request/parts-in-flight.js";
import { mintedUrls } from "../service/minted-urls.js";
import { Buffers, type Loan } from "../run/buffers.js";
import type { Lane } from "../run/lanes.js";
import { learning } from "../run/learning.js";
import { moveAll, type Spawn } from "../run/moving.js";
import { enterPhase, type Run } from "../run/run.js";
import type { PartMd5s } from "./part-md5s.js";
import { otherBytes } from "../claim/source-check.js";
import { ReadAhead, type PartInput } from "./read-ahead.js";
import type { Sending } from "./send-part.js";
import { sendRaced, sendStraggler } from "./send-raced.js";

/** The input of an upload, and how it is hashed. */
interface UploadParts {
  readonly input: PartInput;
  /** Makes the MD5s that the parts are verified with; null if they are not verified. */
  readonly md5s: PartMd5s | null;
  /** The digest's state in the journal, if it is of this source; else null. */
  readonly savedDigest: SavedDigest | null;
}

/**
 * Sends every part that has no receipt, and makes the digest of all of them in the same pass.
 *
 * @returns The SHA-256 of the bytes that were sent, in this run and before.
 * @throws {SourceChangedError} A part that was sent before has other bytes now.
 */
export async function sendAll(
  ctx: UploadContext,
  claim: Moving,
  upload: UploadParts,
): Promise<string> {
  const { run, api, server, journal, PartWindow } = ctx;
  const { receipts } = claim;
  const { input, md5s } = upload;
  const ready = new ReadAhead();
  const mayBeDirect = input.isDirect && PartWindow !== undefined;
  const buffers = buffersFor(run, input.longestPart, ready, mayBeDirect);
  if (input.parts === null) run.meter.planStream(receipts, input.longestPart);
  enterPhase(run, "moving");
  const log = new ReceiptLog(journal, new SavedDigests(input.parts ?? [], receipts));
  const move = (digest: DigestInOrder): Promise<string> =>
    moveAll(run, buffers, digest, null, (signal, spawn) => {
      const sending: SendingAll = {
        run,
        md5s,
        input,
        PartWindow,
        signal,
        log,
        digest,
        spawn,
        urls: mintedUrls(run, api.within(signal), server, claim.imageId),
        ready,
        inFlight: new PartsInFlight(run),
      };
      spawn(() => readAll(sending, buffers, receipts));
      return (lane) => sendNext(sending, lane);
    });
  return learning(run, ctx.server, "up", () => withDigest(upload, receipts, log, move));
}

/** The buffers of an upload. A lane that finds no part ready asks for one that has none. */
function buffersFor(
  { share, options }: Run,
  partBytes: number,
  ready: ReadAhead,
  mayBeDirect: boolean,
): Buffers {
  const lanes = { most: options.maxLanes, isWaiting: () => ready.isWanted };
  const buffers = new Buffers(share.memory, partBytes, mayBeDirect ? lanes : null);
  ready.onWanted = () => buffers.wanted();
  return buffers;
}

/** Writes receipts and the digest's states to the journal. A state is written after the receipts of its parts. */
class ReceiptLog {
  readonly #journal: Journal;
  readonly #states: SavedDigests;
  #written: Promise<void> = Promise.resolve();

  constructor(journal: Journal, states: SavedDigests) {
    this.#journal = journal;
    this.#states = states;
  }

  /** Writes the receipt of a part that has arrived. Resolves when it is durable. @throws {JournalIoError} */
  async receipt(part: Part, crc32: number, etag: string): Promise<void> {
    const written = kept(this.#journal.append({ type: "receipt", part: part.number, crc32, etag }));
    this.#states.receipted(part);
    this.#appendState();
    await written;
  }

  /** Writes the size of an input once its end was read. Resolves when it is durable. @throws {JournalIoError} */
  async size(sizeBytes: number): Promise<void> {
    await this.#journal.append({ type: "size", sizeBytes });
  }

  /** Takes a state of the digest. */
  saved(state: SavedDigest): void {
    this.#states.saved(state);
    this.#appendState();
  }

  /** Waits until no state is being written. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#written]);
  }

  #appendState(): void {
    for (const record of this.#states.take()) {
      // If the journal cannot be written, the next receipt ends the run.
      this.#written = kept(this.#journal.append(record));
    }
  }
}

/** What the lanes share. */
interface SendingAll extends Sending {
  readonly log: ReceiptLog;
  readonly digest: DigestInOrder;
  readonly ready: ReadAhead;
  readonly inFlight: PartsInFlight;
  readonly spawn: Spawn;
}

/** Reads the parts ahead of the lanes. Meanwhile each is hashed, and its URL is asked for. */
async function readAll(sending: SendingAll, buffers: Buffers, receipts: Receipts): Promise<void> {
  const { run, input, digest, urls, md5s, ready, signal, spawn } = sending;
  const read = { count: 0, bytes: 0 };
  const onRead = (loan: Loan): boolean => {
    read.count++;
    read.bytes += loan.part.lengthBytes;
    if (loan.hasBuffer) digest.offer(loan);
    const receipt = receipts.get(loan.part.number);
    if (receipt !== undefined) spawn(() => passOver(sending, loan, receipt));
    else {
      if (input.parts === null) run.meter.grow(loan.part);
      urls.ahead(loan.part);
      if (loan.hasBuffer) md5s?.ahead(loan);
    }
    return receipt === undefined;
  };
  const reader = input.open(buffers, digest);
  try {
    await ready.run(reader, () => run.pace.lanes, onRead, signal);
    await readToEnd(sending, read, receipts);
  } finally {
    await Promise.all([reader.close?.(), urls.settled()]);
  }
}

/** Passes on the number of parts and the size, which are known only now if the input had no known size. */
async function readToEnd(
  { run, input, digest, log }: SendingAll,
  read: { readonly count: number; readonly bytes: number },
  receipts: Receipts,
): Promise<void> {
  run.meter.ended();
  if (input.parts !== null) return;
  const beyond = [...receipts.keys()].find((number) => number > read.count);
  if (beyond !== undefined) {
    throw new SourceChangedError(`it ends before part ${beyond}, which was sent`);
  }
  digest.end(read.count);
  if (input.tellsSize) await log.size(read.bytes);
}

/** Waits until the digest has taken a part that an earlier run sent. The part must have the bytes that were sent. */
async function passOver(
  { run, input, digest, signal }: SendingAll,
  loan: Loan,
  receipt: Receipt,
): Promise<void> {
  const { part } = loan;
  try {
    const crc32 = await untilAborted(digest.crc32Of(part)!, signal); // the digest of a stream takes all parts from memory
    if (crc32 !== receipt.crc32) throw otherBytes(part);
    if (input.parts === null) run.meter.shrink(input.longestPart - part.lengthBytes);
  } finally {
    digest.forget(part);
    loan.release();
  }
}

async function withDigest(
  { input, savedDigest }: UploadParts,
  receipts: Receipts,
  log: ReceiptLog,
  work: (digest: DigestInOrder) => Promise<string>,
): Promise<string> {
  const { parts, isStored } = input;
  const digest = input.openDigest(usableDigest(savedDigest, parts ?? [], receipts));
  const rules: DigestRules = {
    isStored,
    mayKeep: () => 0,
    onSaved: (saved) => log.saved(saved),
    onChanged: (part) => {
      throw otherBytes(part);
    },
  };
  try {
    const inOrder = new DigestInOrder(digest, parts, rules);
    for (const part of isStored ? (parts ?? []) : []) {
      const receipt = receipts.get(part.number);
      if (receipt !== undefined) inOrder.stored(part, receipt.crc32);
    }
    return await work(inOrder);
  } finally {
    await Promise.allSettled([digest.close(), log.settled()]);
  }
}

/** Takes the next part, sends it, and has its receipt written while the lane continues. */
async function sendNext(sending: SendingAll, lane: Lane): Promise<boolean> {
  const { run, log, ready, digest, inFlight, spawn, signal } = sending;
  const loan = await ready.take(signal);
  if (loan === null) return sendStraggler(sending, inFlight, lane);
  const { part } = loan;
  try {
    const etag = await sendRaced(sending, inFlight, lane, loan);
    lane.meter.state = "recording";
    run.meter.landed(lane.meter, part);
    const hashing =
      loan.crc32 ?? kept(digest.crc32Of(part)) ?? (await run.platform.crc32(loan.bytes));
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
