import type { Chosen } from "./files.js";

/** What a transfer is of, and what it needs to begin. */
export type Task =
  | { readonly kind: "upload"; readonly name: string; readonly image: Chosen | null }
  | {
      readonly kind: "download";
      readonly name: string;
      /** The image's id, where it is known: a name may come to mean another image. */
      readonly id: string | null;
      readonly target: FileSystemFileHandle;
    };

/** What can be done about a failure. */
export type WayOut =
  | "again"
  /** Another name has to be given. */
  | "rename"
  /** Another name, or the unfinished upload that has this one is given up. */
  | "rename or replace"
  /** Nothing: the file itself is the reason. */
  | "none";

/** What moved in this session; what was there before took no time now. */
export interface Moved {
  readonly imageId: string;
  readonly sha256: string;
  readonly elapsedMs: number;
  readonly sizeBytes: number;
  readonly movedBytes: number;
  readonly verified: boolean;
}

export type TransferState =
  /** The file is looked at. */
  | { readonly at: "checking" }
  /** The user may still change its name, and starts it. */
  | { readonly at: "ready" }
  | { readonly at: "queued" }
  | { readonly at: "running" }
  /** With a word about what was just refused, if something was. */
  | { readonly at: "paused"; readonly why?: string }
  | (Moved & { readonly at: "done" })
  /** Downloaded and verified by an earlier page; it stands in the browser's storage. */
  | { readonly at: "kept"; readonly sizeBytes: number }
  | {
      readonly at: "failed";
      readonly why: string;
      readonly wayOut: WayOut;
      /** The name that another image has. */
      readonly takenName?: string;
    };

/** What the browser remembers of a transfer. */
export interface Known {
  readonly doneBytes: number;
  readonly sizeBytes: number;
  readonly partsDone: number;
  readonly partsTotal: number;
  /** The file's name, where it was told. */
  readonly file: string | null;
}
