/**
 * The incremental SHA-256 of one image, fed in order; each feeding also tells the bytes' CRC-32.
 * Calls may be queued; they are taken in the order of the calls. A failure ends all that are running.
 */
export interface Digest {
  /**
   * Whether `update` would copy the bytes. Then a part is read from the file, once it stands there,
   * rather than taken from memory. @default false
   */
  readonly prefersFile?: boolean;
  /** Where the state can be saved, so that the next run hashes nothing twice. @default it cannot */
  readonly saving?: DigestSaving;
  /** Takes bytes from the pool's memory, which must not change until this resolves to their CRC-32. */
  update(bytes: Uint8Array): Promise<number>;
  /** Reads the next `lengthBytes` from the file itself, at `offset`, and takes them. Resolves to their CRC-32. */
  updateFromFile(offset: number, lengthBytes: number): Promise<number>;
  /**
   * Reads the next bytes from the file into `into`, memory of the pool, and takes them: one pass over them where
   * `Source.read` and `update` are two. Resolves to their CRC-32, or to null if the file is to be read by
   * `Source.read` instead: then nothing was taken, and `into` may hold anything. Rejects with SourceChangedError as
   * `Source.read` does. No digest that can be saved has it. @default it reads no parts
   */
  readonly readInto?: (offset: number, into: Uint8Array) => Promise<number | null>;
  /** The digest of all that was taken, 64 lower-case hex digits. Nothing can be fed afterwards. */
  finish(): Promise<string>;
  /** Ends the thread, if there is one. Idempotent; what is running rejects. */
  close(): Promise<void>;
}

/** MD5 of single parts, made beside everything else, several at once. */
export interface PartHash {
  /** MD5 of `bytes`, which must not change until this settles, as 32 lower-case hex digits. */
  md5(bytes: Uint8Array): Promise<string>;
  /** Ends its threads, if there are any. Idempotent; what is running rejects. */
  close(): Promise<void>;
}

/** A digest's state after the image's first bytes. */
export interface SavedDigest {
  /** How many of the image's bytes it has taken in. */
  readonly positionBytes: number;
  /** The adapter's own text. */
  readonly state: string;
}

/** A digest whose state can be saved, and resumed by another. */
export interface DigestSaving {
  /** How many of the image's bytes it has taken already: those of the state that it was opened with, else 0. */
  readonly startBytes: number;
  /** The state after all that was fed before this call, in the order of the calls as feedings are. */
  save(): Promise<string>;
}
