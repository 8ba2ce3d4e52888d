/** Where the bytes of a download go: a part file beside the target. Opened and closed by the adapter. */
export interface Sink {
  /** What messages call it: the target's path. */
  readonly label: string;
  /**
   * Identifies this part file: another one, or one that was made again, has another identity. "" if there is
   * none.
   */
  readonly identity: string;
  /**
   * Opens the part file of an earlier run, if there is one that may be used. Called under the journal's lock.
   * Resolves to whether there is one.
   */
  open(): Promise<boolean>;
  /**
   * Prepares the part file for an image. `keep: false` makes an empty one first, which may have another
   * identity. May reject with NotEnoughSpaceError if the missing bytes do not fit.
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

/** How large a part file becomes. */
export interface SinkSize {
  /** Bytes of the whole image. */
  readonly sizeBytes: number;
  /** Bytes that are still missing. */
  readonly missingBytes: number;
}

/** A stream that a download is written to in order, such as a pipe. */
export interface StreamSink {
  /** For a person: "standard output". */
  readonly label: string;
  /**
   * Takes the next bytes, and resolves when there is room for more; they may change after that.
   * Calls do not overlap. Rejects with `signal.reason` once aborted.
   */
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void>;
}
