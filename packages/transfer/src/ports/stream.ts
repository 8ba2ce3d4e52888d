/** A stream of unknown length that is read once, such as a pipe. */
export interface StreamSource {
  /** For a person: "standard input". */
  readonly label: string;
  /**
   * Fills `into` and resolves to how many bytes came: fewer than fit only where the stream ended.
   * Calls do not overlap. Rejects with `signal.reason` once aborted.
   */
  read(into: Uint8Array, signal: AbortSignal): Promise<number>;
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
