import type { Chosen } from "./files.js";

/** What is transferred, and what the transfer needs to begin. */
export type Task =
  | { readonly kind: "upload"; readonly name: string; readonly image: Chosen | null }
  | {
      readonly kind: "download";
      readonly name: string;
      /** The image's id, if known: another image may get the same name later. */
      readonly id: string | null;
      readonly target: FileSystemFileHandle;
    };

/** What can be done about a failure. */
export type WayOut =
  | "again"
  /** A new name. */
  | "rename"
  /** A new name, or replacing the unfinished upload that has this name. */
  | "rename or replace"
  /** Nothing: the file itself is the reason. */
  | "none";

/** The result of a run. Rates count only what moved in this session. */
export interface Moved {
  readonly imageId: string;
  readonly sha256: string;
  readonly elapsedMs: number;
  readonly sizeBytes: number;
  readonly movedBytes: number;
  readonly verified: boolean;
}

export type TransferState =
  /** The file is being inspected. */
  | { readonly at: "checking" }
  /** The user can change the name and start the upload. */
  | { readonly at: "ready" }
  | { readonly at: "queued" }
  | { readonly at: "running" }
  /** `why` says what was refused last. */
  | { readonly at: "paused"; readonly why?: string }
  | (Moved & { readonly at: "done" })
  /** Downloaded and verified by an earlier page, and kept in the browser's storage. */
  | { readonly at: "kept"; readonly sizeBytes: number }
  | {
      readonly at: "failed";
      readonly why: string;
      readonly wayOut: WayOut;
      /** The taken name. */
      readonly takenName?: string;
    };

/** What the browser's journal contains about a transfer. */
export interface Known {
  readonly doneBytes: number;
  readonly sizeBytes: number;
  readonly partsDone: number;
  readonly partsTotal: number;
  /** The file's name, if known. */
  readonly file: string | null;
}
