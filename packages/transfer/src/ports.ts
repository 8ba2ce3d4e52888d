/**
 * What the engine needs of a platform. An adapter implements these; the suites in `contracts/` say
 * whether it did. Every call that waits takes a signal and rejects with `signal.reason` once aborted.
 */

import type { Digest, PartHash, SavedDigest } from "./digest-port.js";
import type { JournalStore } from "./journal-port.js";

export type { Identity, Source } from "./source-port.js";

/** Where the bytes of a download go: a part file beside the target. Opened and closed by the adapter. */
export interface Sink {
  /** For a person: the target's path. */
  readonly label: string;
  /** Names this very part file: another one, or one made again, has another. "" where there is none. */
  readonly identity: string;
  /**
   * Opens the part file that an earlier run left, if there is one that may be used; called under the
   * journal's lock. Resolves to whether there is.
   */
  open(): Promise<boolean>;
  /**
   * Makes the part file ready for an image. `keep: false` makes an empty one first, which may have
   * another identity. May reject with NotEnoughSpaceError if what is still missing does not fit.
   */
  prepare(size: SinkSize, keep: boolean): Promise<void>;
  /**
   * Writes all of `bytes` at `offset`. Runs of zeros may be left as holes, but only where this
   * part file was never written before. Several calls may run, never for the same bytes.
   */
  write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Everything that was written before this call is durable when it resolves. */
  sync(): Promise<void>;
  /**
   * Moves the part file to the target: synced, atomic, and the folder synced. Rejects with
   * TargetExistsError, the part file untouched, if something stands there that may not be replaced.
   */
  commit(): Promise<void>;
  /** Deletes the part file. Idempotent. */
  discard(): Promise<void>;
}

/** What a part file has to hold. */
export interface SinkSize {
  /** Of the whole image. */
  readonly sizeBytes: number;
  /** Of what is still to come. */
  readonly missingBytes: number;
}

/** One request for one part's bytes to go up. */
export interface PutRequest {
  /** A presigned URL: a password. It appears in no error of the transport. */
  readonly url: string;
  /** To be sent as they are; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body; not changed before the call has settled. */
  readonly bytes: Uint8Array;
  /** How many bytes may go next, at least 1 and at most `leftBytes`; waits under a rate limit. */
  sliceBytes(leftBytes: number): number | Promise<number>;
  /** Called as bytes leave, at least once a slice. */
  onMoved(bytes: number): void;
  /** Ends the request: its connection is closed before the call rejects. */
  readonly signal: AbortSignal;
}

/** Status and headers (names in lower case) of an answer. */
export interface AnswerHead {
  /** HTTP status. */
  readonly status: number;
  /** By name, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What came of a part that went up. */
export interface PutAnswer extends AnswerHead {
  /** Whether every byte of the body had gone out when the answer ended. If not, it is no receipt. */
  readonly sentAll: boolean;
  /** The body, as text, at most 64 KiB of it. */
  readonly text: string;
}

/** One request for a range, or the whole, of an image. */
export interface GetRequest {
  /** A presigned URL: a password. It appears in no error of the transport. */
  readonly url: string;
  /** To be sent as they are; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Called once, before any byte. False: the body is not wanted as bytes but as the answer's text. */
  onHead(head: AnswerHead): boolean;
  /**
   * Memory for the next bytes of the body, at least 1. It is asked for while bytes wait and what it gave
   * before is full, and filled from its beginning until the call settles. Waits under a rate limit, or until there
   * is memory; meanwhile the body is held back. What it throws ends the request, and is what the call rejects with.
   */
  into(): Uint8Array | Promise<Uint8Array>;
  /** Called as bytes come: so many more stand in that memory. */
  onMoved(bytes: number): void;
  /** Ends the request: its connection is closed before the call rejects. */
  readonly signal: AbortSignal;
}

/** What came of a range that was asked for. */
export interface GetAnswer extends AnswerHead {
  /** The body where `onHead` said false, at most 64 KiB of it. */
  readonly text: string;
}

/**
 * Moves one part over HTTP, once: no retry, no deadline, no redirect followed, no credential added.
 * A lane opens one and closes it. Whatever a call settles with, its memory is no longer in use then:
 * written out and answered, or its socket closed. Rejects with TransportError, without URL or query.
 */
export interface PartTransport {
  /** Sends a part's bytes, and resolves with whatever status the store answers. */
  put(request: PutRequest): Promise<PutAnswer>;
  /** Fetches a range, and resolves with whatever status the store answers. */
  get(request: GetRequest): Promise<GetAnswer>;
  /** Ends the connection. Idempotent. */
  close(): Promise<void>;
}

export type {
  JournalFile,
  JournalKey,
  JournalStore,
  LockHolder,
  StoredJournal,
} from "./journal-port.js";
export type { Digest, DigestSaving, PartHash, SavedDigest } from "./digest-port.js";

/** Time. Tests turn a clock of their own. */
export interface Clock {
  /** Unix time in ms; it may jump. */
  wallMs(): number;
  /** Never goes back, and need not count sleep. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with `signal.reason` at once when aborted. Leaves no timer behind. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Everything of the platform that both recipes need. */
export interface Platform {
  /** Where the journals are kept. */
  readonly journals: JournalStore;
  /** Opens a connection of its own for one lane. */
  openTransport(): PartTransport;
  /**
   * Opens a digest for one reading of the image from its beginning: the transfer's own, when it is first
   * needed, and one more for each time that a whole is read to compare. The one who opens one closes it.
   * @param saved Where to resume from, if the platform's digest can; null to begin with nothing.
   */
  openDigest(saved: SavedDigest | null): Digest;
  /** Called once per upload with `verifyParts: "md5"`, which a platform without this refuses. */
  openPartHash?(): PartHash;
  /** Memory for parts, which the digest's thread can see too where there is one. */
  allocate(bytes: number): Uint8Array;
  /** The longest memory that `allocate` can give at once, in bytes. */
  readonly mostPartBytes: number;
  /** Many tasks will wait on this signal at once; where the runtime warns of that, tell it not to. */
  expectManyListeners(signal: AbortSignal): void;
  /**
   * How long each thing that more connections cannot speed up has been at work so far, in ms: the thread
   * that moves bytes, the machine's processors on average. Always the same ones in the same order; only
   * differences count. Empty where nothing can be told.
   */
  busyMs(): readonly number[];
  /**
   * CRC-32 (ISO 3309, as in gzip) of `bytes`, which do not change until it is there. A promise where
   * it would keep the thread busy for long.
   */
  crc32(bytes: Uint8Array): number | Promise<number>;
  /** The time that everything goes by. */
  readonly clock: Clock;
}
