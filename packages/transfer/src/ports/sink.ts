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
