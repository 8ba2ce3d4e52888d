import type { Clock } from "./clock.js";
import type { Digest, PartHash, SavedDigest } from "./digest.js";
import type { JournalStore } from "./journal-store.js";
import type { PartTransport } from "./transport.js";

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
