import type { Digest, PartHash, SavedDigest } from "./digest.js";
import type { JournalStore } from "./journal-store.js";
import type { KnownLinks } from "./known-links.js";
import type { PartTransport } from "./transport.js";

/** A part that can be traced, from its first try until it has arrived. */
export interface TracedPart {
  /** Tells it from a call. */
  readonly kind: "part";
  /** Up with an upload, down with a download. */
  readonly direction: "up" | "down";
  /** From 1; null for all parts, from a store that ignores ranges. */
  readonly part: number | null;
}

/** A request to the API that can be traced. */
export interface TracedCall {
  /** Tells it from a part. */
  readonly kind: "call";
  /** What is to be done, for a person, such as "start the upload". */
  readonly call: string;
}

/** A piece of a transfer that can be traced. Nothing secret is in it. */
export type TracedPiece = TracedPart | TracedCall;

/** Everything that the engine needs of a platform. */
export interface Platform {
  /** Where the journals are kept. */
  readonly journals: JournalStore;
  /** What earlier transfers learned of the links to servers. @default nothing is kept */
  readonly knownLinks?: KnownLinks;
  /** Opens a connection of its own for one lane. */
  openTransport(): PartTransport;
  /**
   * Opens a digest for one pass over the image from its start: one for the transfer itself, and one for each
   * time that a whole file or image is read to compare it. The caller closes it.
   * @param saved The state to continue from, if the platform's digests can be saved; null to start at the first
   *   byte.
   */
  openDigest(saved: SavedDigest | null): Digest;
  /** Called once per upload with `verifyParts: "md5"`, which a platform without this refuses. */
  openPartHash?(): PartHash;
  /** Allocates memory for parts, which the digest's thread can read too if there is one. */
  allocate(bytes: number): Uint8Array;
  /** The most bytes that `allocate` can give at once. */
  readonly mostPartBytes: number;
  /** Prevents a warning of the runtime: many tasks will listen to this signal at the same time. */
  expectManyListeners(signal: AbortSignal): void;
  /**
   * Busy times so far, in ms, of what more connections cannot speed up: the thread that moves bytes, the
   * processors on average. Always the same ones in the same order; only differences are used. Empty if nothing
   * is known.
   */
  busyMs(): readonly number[];
  /**
   * Returns the CRC-32 (ISO 3309, as in gzip) of `bytes`, which must not change meanwhile. A promise if it
   * would keep the thread busy for long.
   * @param seed That of what came before. @default 0
   */
  crc32(bytes: Uint8Array, seed?: number): number | Promise<number>;
  /**
   * Runs a piece of work so that others can trace it, and settles as the work does. What it resolves to may hold a
   * presigned URL, and is shown to nobody. @default the work runs, and nobody traces it
   * @param errorIn The error that is traced though the work resolved; null for none.
   */
  traced?<T>(
    piece: TracedPiece,
    work: () => Promise<T>,
    errorIn?: (value: T) => Error | null,
  ): Promise<T>;
  /** The clock of the whole transfer. */
  readonly clock: Clock;
}

/** The time. Tests use a clock of their own. */
export interface Clock {
  /** Unix time in ms; it may jump. */
  wallMs(): number;
  /** Milliseconds that never go back. They need not count while the machine sleeps. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with `signal.reason` at once when aborted. Leaves no timer behind. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}
