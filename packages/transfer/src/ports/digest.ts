/**
 * The incremental SHA-256 of one image, fed in order; each feeding also tells the bytes' CRC-32.
 * Calls may be queued; they are taken in the order of the calls. A failure ends all that are running.
 */
export interface Digest {
  /**
   * Whether `update` has to copy the bytes. If so, a part is read from the file once it was written there,
   * rather than taken from memory. @default false
   */
  readonly prefersFile?: boolean;
  /** Saves the state, so that the next run hashes nothing twice. @default it cannot */
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
  /** Resolves to the SHA-256 of all bytes, 64 lower-case hex digits. Nothing can be fed afterwards. */
  finish(): Promise<string>;
  /** Ends the thread, if there is one. Idempotent. Running calls reject. */
  close(): Promise<void>;
}

/** Makes the MD5s of parts, several at the same time. */
export interface PartHash {
  /** MD5 of a part's pieces, as 32 lower-case hex digits. A piece must not change until the next one is asked for. */
  md5(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string>;
  /** Ends its threads, if there are any. Idempotent. Running calls reject. */
  close(): Promise<void>;
}

/** The saved state of a digest. */
export interface SavedDigest {
  /** How many bytes of the image it has taken, from the first on. */
  readonly positionBytes: number;
  /** The adapter's own text. */
  readonly state: string;
}

/** Saves the state of a digest, for a later digest to continue from. */
export interface DigestSaving {
  /** How many bytes of the image the state has that it was opened with; 0 without one. */
  readonly startBytes: number;
  /** Resolves to the state after everything that was fed before this call. Takes its turn among the calls. */
  save(): Promise<string>;
}
