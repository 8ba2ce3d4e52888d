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
  /** The last that was saved, null if none was. */
  readonly digest: DigestState | null;
  readonly stopped: Stopped | null;
}

export interface PinnedUpload extends Pinned {
  readonly begin: UploadBegin;
  /** Null until it is known. */
  readonly sizeBytes: number | null;
  /** Of the source as it was last seen to hold the same bytes, as are `from` and `format`. */
  readonly identity: Identity;
  readonly from: string;
  readonly format: string;
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

/** A download, and what of it has arrived. */
export interface Download extends Pinned {
  readonly at: "downloading";
  readonly begin: DownloadBegin;
  /** Of the part file as it was last seen to hold the same bytes, as is `to`. */
  readonly sinkIdentity: string;
  readonly to: string;
  readonly receipts: Receipts;
}

/** All that a journal knows of its transfer. Each member has what exists then, and nothing else. */
export type Transfer = { readonly at: "nothing" } | Upload | Download;

export const nothing: Transfer = { at: "nothing" };
