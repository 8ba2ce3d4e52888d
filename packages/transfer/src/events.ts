import type { Outage, TransferPhase, TransferProgress } from "./progress.js";

/** A part that has arrived and is kept. */
export interface ArrivedPart {
  /** From 1. */
  readonly number: number;
  /** Where it begins in the image. */
  readonly offset: number;
  /** From 1 byte to 5 GiB. */
  readonly lengthBytes: number;
}

/** What happens in a transfer, without the version. */
export type TransferNews =
  /** How far it is: about five times a second, and when a phase begins. */
  | (News<"progress"> & TransferProgress)
  /** A part has arrived and is in the journal. */
  | (News<"part"> & ArrivedPart)
  /** A try failed, and another one follows. */
  | (News<"retry"> & RetryNews)
  /** The number of parts that may be moved at the same time has changed. */
  | (News<"lanes"> & LanesNews)
  /** The service has handed out a presigned URL. */
  | (News<"url-minted"> & MintedNews)
  /** A part takes so long that it is moved over another connection, too. */
  | (News<"straggler"> & StragglerNews)
  /** A phase begins. */
  | (News<"phase"> & PhaseNews)
  /** Something that a person should know and that is no error. */
  | (News<"warning"> & WarningNews);

interface News<Kind extends string> {
  readonly event: Kind;
}

/** Of a failed try; times are in ms from now. */
interface RetryNews extends Outage {
  /** The number of the part; null for a call of the API. */
  readonly part: number | null;
}

interface LanesNews {
  /** From 1 to 32. */
  readonly lanes: number;
  /** What it was before; 0 at the start. */
  readonly formerLanes: number;
}

interface MintedNews {
  /** The number of the part that may be sent with it; null for the URL by which all parts are fetched. */
  readonly part: number | null;
  /** Unix seconds. */
  readonly expiresAtSec: number;
}

interface StragglerNews {
  /** The number of the part. */
  readonly part: number;
  readonly lengthBytes: number;
  /** How much of it has moved so far. */
  readonly reachedBytes: number;
}

interface PhaseNews {
  readonly phase: TransferPhase;
}

interface WarningNews {
  readonly message: string;
  /**
   * For programs. `LOCK_WATCHED`: another process may still be running this transfer; `LOW_SPACE`: the disk may be too
   * small for the rest; any other is a finding about the disk that is uploaded.
   */
  readonly code: string;
  /** Of a finding. */
  readonly severity?: "error" | "warning" | "note" | undefined;
  /** Of a finding: what to do. */
  readonly advice?: string | undefined;
}

/**
 * What `onEvent` is told: the same objects that `img --json` writes, which adds the file's name to them. `v` is the
 * version of this union: within it kinds and fields are only added, so ignore what you do not know. No event holds a
 * token or the query of a presigned URL.
 */
export type TransferEvent = TransferNews & {
  /** The version. */
  readonly v: 1;
};

/** Those of a transfer's options that are told what happens. */
interface Callbacks {
  readonly onEvent?: ((event: TransferEvent) => void) | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly onPart?: ((part: ArrivedPart) => void) | undefined;
}

/** The one channel of a transfer: `onEvent` hears all of it, each of the other callbacks its own kind. */
export function tellerOf({ onEvent, onProgress, onPart }: Callbacks): (news: TransferNews) => void {
  return (news) => {
    onEvent?.({ ...news, v: 1 });
    if (news.event === "progress") onProgress?.(news);
    if (news.event === "part") onPart?.(news);
  };
}
