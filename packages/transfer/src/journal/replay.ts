import { JournalCorruptError } from "../errors.js";
import { limits } from "../plan.js";
import type { DownloadBegin, JournalRecord, UploadBegin } from "./record.js";
import {
  nothing,
  receiptsOf,
  sizeOf,
  type PinnedUpload,
  type Transfer,
  type Upload,
} from "./state.js";

type Of<Type extends JournalRecord["type"]> = Extract<JournalRecord, { type: Type }>;
type Moving = Extract<Transfer, { at: "started" | "downloading" }>;
type Known = Exclude<Transfer, { at: "nothing" }>;

/** Returns the state that a list of records describes. */
export function replay(records: Iterable<JournalRecord>): Transfer {
  const fold = new Fold(nothing);
  for (const record of records) fold.take(record);
  return fold.state;
}

/**
 * Folds records to a state, one by one. Receipts are collected and applied when the state is read: applying
 * each of up to 10,000 alone would copy all of them each time.
 */
export class Fold {
  #state: Transfer;
  #receipts: Of<"receipt">[] = [];

  constructor(state: Transfer) {
    this.#state = state;
  }

  /** @throws {JournalCorruptError} The record makes no sense here; then the state is as before. */
  take(record: JournalRecord): void {
    if (record.type === "receipt") {
      checkReceipt(this.#state, record);
      this.#receipts.push(record);
    } else {
      // In a page each receipt is followed by a `digest` record, which does not need the receipts.
      this.#state = applyRecord(record.type === "digest" ? this.#state : this.state, record);
    }
  }

  get state(): Transfer {
    const receipts = this.#receipts;
    this.#receipts = [];
    if (receipts.length > 0) this.#state = withReceipts(this.#state as Moving, receipts); // checked when taken
    return this.#state;
  }
}

/**
 * The state after one more record. Pure.
 *
 * @throws {JournalCorruptError} The record makes no sense in this state.
 */
export function applyRecord(state: Transfer, record: JournalRecord): Transfer {
  if (record.type === "begin") return begun(state, record);
  if (state.at === "nothing") throw nonsense(state, record);
  switch (record.type) {
    case "receipt":
      checkReceipt(state, record);
      return withReceipts(state, [record]);
    case "digest":
      return withDigest(state, record);
    case "stopped":
      return { ...state, stopped: { code: record.code, atSec: record.atSec } };
    case "sink":
      if (state.at !== "downloading") throw nonsense(state, record);
      return { ...state, sinkIdentity: record.identity, to: record.to };
    default:
      if (state.at === "downloading") throw nonsense(state, record);
      return advance(state, record);
  }
}

function begun(state: Transfer, begin: UploadBegin | DownloadBegin): Transfer {
  if (state.at !== "nothing") throw nonsense(state, begin);
  const fresh = { digest: null, stopped: null };
  if (begin.kind === "download") {
    const { sinkIdentity, to } = begin;
    return { at: "downloading", begin, sinkIdentity, to, receipts: new Map(), ...fresh };
  }
  const { sizeBytes, identity, from, format } = begin;
  return { at: "begun", begin, sizeBytes, identity, from, format, ...fresh };
}

function withDigest(state: Known, record: Of<"digest">): Transfer {
  const { positionBytes } = record;
  if (state.at === "completed" || positionBytes > (sizeOf(state) ?? limits.maxImageBytes)) {
    throw nonsense(state, record);
  }
  return { ...state, digest: { positionBytes, state: record.state } };
}

function withReceipts(state: Moving, records: readonly Of<"receipt">[]): Transfer {
  const receipts = new Map(state.receipts);
  for (const { part, crc32, etag } of records) receipts.set(part, { part, crc32, etag });
  return { ...state, receipts };
}

/** Checks a receipt: parts are moving, the part is in the plan, and it has an ETag if it is an upload's. */
function checkReceipt(state: Transfer, record: Of<"receipt">): asserts state is Moving {
  const { part, etag } = record;
  if (state.at !== "started" && state.at !== "downloading") throw nonsense(state, record);
  if (part > partCount(state)) throw nonsense(state, record);
  if ((etag === null) !== (state.at === "downloading")) throw nonsense(state, record);
}

/** How many parts there are; the most that a store takes while the size is unknown. */
function partCount(state: Known): number {
  const sizeBytes = sizeOf(state);
  return sizeBytes === null ? limits.maxParts : Math.ceil(sizeBytes / state.begin.partBytes);
}

function advance(
  state: Upload,
  record: Of<"size" | "source" | "intent" | "started" | "completing" | "completed">,
): Upload {
  switch (record.type) {
    case "size":
      return sized(state, record);
    case "source": // also after `completed`: a file that was moved is compared only once
      return { ...state, identity: record.identity, from: record.from, format: record.format };
    case "intent":
      return intended(state, record);
    case "started":
      return started(state, record);
    case "completing":
      return completing(state, record);
    case "completed":
      return completed(state, record);
  }
}

/** Applies a `size` record. No receipt and no digest may lie beyond it. */
function sized(state: Upload, record: Of<"size">): Upload {
  const { sizeBytes } = record;
  if (state.at === "completing" || state.at === "completed") throw nonsense(state, record);
  const known = { ...state, sizeBytes };
  const last = Math.max(0, ...receiptsOf(state).keys());
  const isBeyond = last > partCount(known) || (state.digest?.positionBytes ?? 0) > sizeBytes;
  if (state.sizeBytes !== null || isBeyond) throw nonsense(state, record);
  return known;
}

function pinnedOf(state: Upload): PinnedUpload {
  const { begin, sizeBytes, identity, from, format, digest, stopped } = state;
  return { begin, sizeBytes, identity, from, format, digest, stopped };
}

function intended(state: Upload, record: Of<"intent">): Upload {
  if (state.at !== "begun" && state.at !== "intended") throw nonsense(state, record);
  const { sinceSec, timeoutMs } = record;
  return { ...pinnedOf(state), at: "intended", sinceSec, timeoutMs };
}

function started(state: Upload, record: Of<"started">): Upload {
  if (state.at !== "intended") throw nonsense(state, record);
  const { imageId, adopted } = record;
  return { ...pinnedOf(state), at: "started", imageId, adopted, receipts: new Map() };
}

/** Applies a `completing` record. A later run may add another one, since it makes the call again. */
function completing(state: Upload, record: Of<"completing">): Upload {
  if (state.at !== "started" && state.at !== "completing") throw nonsense(state, record);
  const { sizeBytes } = state;
  const isWhole = sizeBytes !== null && state.receipts.size === partCount(state);
  if (!isWhole) throw nonsense(state, record);
  return { ...state, at: "completing", sizeBytes, sha256: record.sha256 };
}

function completed(state: Upload, record: Of<"completed">): Upload {
  if (state.at !== "completing") throw nonsense(state, record);
  const { sizeBytes, imageId, adopted, sha256 } = state;
  const { atSec } = record;
  return { ...pinnedOf(state), at: "completed", sizeBytes, imageId, adopted, sha256, atSec };
}

function nonsense(state: Transfer, record: JournalRecord): JournalCorruptError {
  const what = record.type === "receipt" ? `a receipt for part ${record.part}` : record.type;
  return new JournalCorruptError(`it says "${what}" where the transfer is at "${state.at}"`);
}
