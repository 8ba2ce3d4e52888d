import { JournalCorruptError } from "../errors.js";
import type { Identity } from "../ports.js";
import type { DownloadBegin, JournalRecord, Receipt, UploadBegin } from "./record.js";

export type Receipts = ReadonlyMap<number, Receipt>;

/** The digest's saved state after `positionBytes`. */
export interface DigestState {
  readonly positionBytes: number;
  readonly state: string;
}

/** Why, and when, the last run that did not finish ended. */
export interface Stopped {
  readonly code: string;
  readonly atSec: number;
}

interface Pinned {
  /** The last that was saved, null if none was. */
  readonly digest: DigestState | null;
  readonly stopped: Stopped | null;
}

interface PinnedUpload extends Pinned {
  readonly begin: UploadBegin;
  /** Of the source as it was last seen to hold the same bytes, as is `from`. */
  readonly identity: Identity;
  readonly from: string;
}

interface Image {
  readonly imageId: string;
  /** Found by looking after a lost answer, so that it is read back after `complete`. */
  readonly adopted: boolean;
}

/** An upload, and how far it has come. */
export type Upload = PinnedUpload &
  (
    | { readonly at: "begun" }
    /** `startUpload` was about to be called; its answer may be lost. */
    | { readonly at: "intended"; readonly sinceSec: number; readonly timeoutMs: number }
    | ({ readonly at: "started"; readonly receipts: Receipts } & Image)
    /** `completeUpload` was about to be called; its answer may be lost. */
    | ({
        readonly at: "completing";
        readonly receipts: Receipts;
        readonly sha256: string;
      } & Image)
    | ({ readonly at: "completed"; readonly sha256: string } & Image)
  );

/** A download, and what of it has arrived. */
export interface Download extends Pinned {
  readonly at: "downloading";
  readonly begin: DownloadBegin;
  readonly receipts: Receipts;
}

/** All that a journal knows of its transfer. Each member has what exists then, and nothing else. */
export type Transfer = { readonly at: "nothing" } | Upload | Download;

export const nothing: Transfer = { at: "nothing" };

type Of<Type extends JournalRecord["type"]> = Extract<JournalRecord, { type: Type }>;
type Moving = Extract<Transfer, { at: "started" | "downloading" }>;
type Known = Exclude<Transfer, { at: "nothing" }>;

/** What a list of records amounts to. */
export function replay(records: Iterable<JournalRecord>): Transfer {
  const fold = new Fold(nothing);
  for (const record of records) fold.take(record);
  return fold.state;
}

/**
 * A state that is fed record by record. Receipts wait until somebody looks: there are up to 10,000 of
 * them, and each would cost a copy of all.
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
      this.#state = applyRecord(this.state, record);
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
    default:
      if (state.at === "downloading") throw nonsense(state, record);
      return advance(state, record);
  }
}

function begun(state: Transfer, begin: UploadBegin | DownloadBegin): Transfer {
  if (state.at !== "nothing") throw nonsense(state, begin);
  const fresh = { digest: null, stopped: null };
  return begin.kind === "download"
    ? { at: "downloading", begin, receipts: new Map(), ...fresh }
    : { at: "begun", begin, identity: begin.identity, from: begin.from, ...fresh };
}

function withDigest(state: Known, record: Of<"digest">): Transfer {
  const { positionBytes } = record;
  if (state.at === "completed" || positionBytes > state.begin.sizeBytes) {
    throw nonsense(state, record);
  }
  return { ...state, digest: { positionBytes, state: record.state } };
}

function withReceipts(state: Moving, records: readonly Of<"receipt">[]): Transfer {
  const receipts = new Map(state.receipts);
  for (const { part, crc32, etag } of records) receipts.set(part, { part, crc32, etag });
  return { ...state, receipts };
}

/** A receipt counts while parts move, for a part of the plan, and with the ETag that its kind has. */
function checkReceipt(state: Transfer, record: Of<"receipt">): asserts state is Moving {
  const { part, etag } = record;
  if (state.at !== "started" && state.at !== "downloading") throw nonsense(state, record);
  if (part > partCount(state)) throw nonsense(state, record);
  if ((etag === null) !== (state.at === "downloading")) throw nonsense(state, record);
}

const partCount = ({ begin }: Known): number => Math.ceil(begin.sizeBytes / begin.partBytes);

function advance(
  state: Upload,
  record: Of<"source" | "intent" | "started" | "completing" | "completed">,
): Upload {
  switch (record.type) {
    case "source":
      if (state.at === "completed") throw nonsense(state, record);
      return { ...state, identity: record.identity, from: record.from };
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

function pinnedOf({ begin, identity, from, digest, stopped }: Upload): PinnedUpload {
  return { begin, identity, from, digest, stopped };
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

/** May come again: the call is made anew by a later run. */
function completing(state: Upload, record: Of<"completing">): Upload {
  if (state.at !== "started" && state.at !== "completing") throw nonsense(state, record);
  if (state.receipts.size !== partCount(state)) throw nonsense(state, record);
  return { ...state, at: "completing", sha256: record.sha256 };
}

function completed(state: Upload, record: Of<"completed">): Upload {
  if (state.at !== "completing") throw nonsense(state, record);
  const { imageId, adopted, sha256 } = state;
  return { ...pinnedOf(state), at: "completed", imageId, adopted, sha256 };
}

function nonsense(state: Transfer, record: JournalRecord): JournalCorruptError {
  const what = record.type === "receipt" ? `a receipt for part ${record.part}` : record.type;
  return new JournalCorruptError(`it says "${what}" where the transfer is at "${state.at}"`);
}
