import type { Identity } from "../ports.js";

/** The record that one part has arrived. */
export interface Receipt {
  /** Its number, from 1. */
  readonly part: number;
  /** CRC-32 of the part's bytes, as an unsigned 32-bit number. */
  readonly crc32: number;
  /** The ETag that the object store answered; null in a download's journal. */
  readonly etag: string | null;
}

/** The first record of an upload: what does not change until it is finished. */
export interface UploadBegin {
  readonly type: "begin";
  readonly kind: "upload";
  readonly server: string;
  /** As the caller named it: an id or a path; null if it named none. */
  readonly workspace: string | null;
  readonly name: string;
  /** Null if it is not known yet; a later `size` record tells it. */
  readonly sizeBytes: number | null;
  readonly partBytes: number;
  /** How the source is read: "raw", or the name of its disk format. */
  readonly format: string;
  /** Where the bytes come from, for a person to read: a path or a file's name. */
  readonly from: string;
  readonly identity: Identity;
  readonly beganAtSec: number;
}

/** A download's first record. If one of these differs, the download starts over. */
export interface DownloadBegin {
  readonly type: "begin";
  readonly kind: "download";
  readonly server: string;
  readonly workspace: string | null;
  readonly imageId: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly partBytes: number;
  readonly sha256: string | null;
  readonly etag: string | null;
  /** Identifies the part file that the receipts are about. */
  readonly sinkIdentity: string;
  readonly to: string;
  readonly beganAtSec: number;
}

export type JournalRecord =
  | UploadBegin
  | DownloadBegin
  /** `startUpload` is about to be called; its answer may be lost. `sinceSec` is the server's clock. */
  | { readonly type: "intent"; readonly sinceSec: number; readonly timeoutMs: number }
  /** `adopted`: found by looking after a lost answer, so it is read back after `complete`. */
  | { readonly type: "started"; readonly imageId: string; readonly adopted: boolean }
  | ({ readonly type: "receipt" } & Receipt)
  /** The end of a source whose size was unknown has been read. Once, and no part lies beyond it. */
  | { readonly type: "size"; readonly sizeBytes: number }
  /** The same bytes under other metadata: touched, copied, remounted, or in another format. */
  | {
      readonly type: "source";
      readonly identity: Identity;
      readonly from: string;
      readonly format: string;
    }
  /** The part file has another identity and the same bytes: copied, remounted, moved with its journal. */
  | { readonly type: "sink"; readonly identity: string; readonly to: string }
  /** The digest's saved state after `positionBytes`, where an adapter can save it. */
  | { readonly type: "digest"; readonly positionBytes: number; readonly state: string }
  | { readonly type: "completing"; readonly sha256: string }
  /** The image is complete. Proof of it for as long as the journal is kept. */
  | { readonly type: "completed"; readonly atSec: number }
  /** Why a run ended without finishing, for those who list unfinished transfers. */
  | { readonly type: "stopped"; readonly code: string; readonly atSec: number };
