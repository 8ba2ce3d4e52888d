import type { Identity } from "../ports.js";
import type { DownloadBegin, Receipt, UploadBegin } from "./record.js";

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
  /** The digest's last saved state; null if none was saved. */
  readonly digest: DigestState | null;
  readonly stopped: Stopped | null;
}

export interface PinnedUpload extends Pinned {
  readonly begin: UploadBegin;
  /** Null until it is known. */
  readonly sizeBytes: number | null;
  /** Metadata of the source when it was last found to have the same bytes; `from` and `format` likewise. */
  readonly identity: Identity;
  readonly from: string;
  readonly format: string;
}

interface Image {
  readonly imageId: string;
  /** Whether it was found after a lost answer; then it is read back after `complete`. */
  readonly adopted: boolean;
}

/** The state of an upload. */
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
        readonly sizeBytes: number;
        readonly sha256: string;
      } & Image)
    | ({
        readonly at: "completed";
        readonly sizeBytes: number;
        readonly sha256: string;
        readonly atSec: number;
      } & Image)
  );

/** The state of a download. */
export interface Download extends Pinned {
  readonly at: "downloading";
  readonly begin: DownloadBegin;
  /** Identity of the part file when it was last found to have the same bytes; `to` likewise. */
  readonly sinkIdentity: string;
  readonly to: string;
  readonly receipts: Receipts;
}

/** The state of a transfer, as its journal tells it. Each member has exactly the fields that exist in that state. */
export type Transfer = { readonly at: "nothing" } | Upload | Download;

export const nothing: Transfer = { at: "nothing" };

/** The size of the image; null until it is known. */
export function sizeOf(state: Transfer): number | null {
  if (state.at === "nothing") return null;
  return state.at === "downloading" ? state.begin.sizeBytes : state.sizeBytes;
}

/** The receipts of the parts that have arrived; none once an upload is completed. */
export const receiptsOf = (state: Transfer): Receipts =>
  "receipts" in state ? state.receipts : new Map();
