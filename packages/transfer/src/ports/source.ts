/**
 * Tells whether a source is still the same file. The adapter chooses the keys. Two are equal if all keys and
 * values are.
 */
export type Identity = Readonly<Record<string, string>>;

/** Where the bytes of an upload come from. Opened and closed by the adapter, never by the engine. */
export interface Source {
  /** What messages call it: a path, or a file's name. */
  readonly label: string;
  /** Fixed for as long as the source is open. */
  readonly sizeBytes: number;
  /** The file's identity when it was opened, or last found to be the same. */
  readonly identity: Identity;
  /**
   * The adapter's name for how the file encodes these bytes. The journal keeps it, so that a resume can open
   * the file in the same way. @default "raw"
   */
  readonly format?: string | undefined;
  /**
   * Whether bytes can be read a second time at little cost, as from a local file. Parts that memory does not suffice for
   * are then read while they are sent, and again for the digest. The transport must tell that bytes have left
   * before it asks for more of them. @default false
   */
  readonly mayReadTwice?: boolean | undefined;
  /**
   * Fills `into` with the bytes from `offset` on and resolves when it is full.
   * Several calls may run at once, and the same bytes may be asked for again.
   * Rejects with SourceChangedError if the file is no longer the one that was opened; with `reopen`, only
   * if its size is another one, or it is gone. `into` may then, or once aborted, hold anything, but is no
   * longer written to.
   */
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
  /**
   * Compares the identity again. Rejects with SourceChangedError if it differs, or differed at any time since
   * the file was opened.
   */
  check(): Promise<void>;
  /**
   * Opens the file again by its name: from then on `read` and `identity` are of the file that is there now.
   * Called after `check` has rejected: metadata may have changed and bytes not, so all bytes are read again and
   * compared. No read is running. Rejects with SourceChangedError if the size differs or the file is gone.
   * @default a change of metadata ends the upload
   */
  readonly reopen?: (signal: AbortSignal) => Promise<void>;
  /**
   * Returns the CRC-32 of a range as it is now. For adapters whose `read` and `check` may miss a change of the
   * file: every part is then read again before the image is completed, and must have the CRC-32 that it was
   * sent with. @default a change is noticed
   */
  readonly crc32Now?: (offset: number, lengthBytes: number) => Promise<number>;
}

/**
 * An input that can only be read from its first byte to its last, as often as needed: a compressed file, or a web server
 * that gives no ranges. Opened and closed by the adapter, never by the engine. An upload of it is resumed by reading
 * it again from the start: parts that have a receipt are compared, and only the others are sent.
 */
export interface SequentialSource extends Pick<Source, "label" | "identity" | "format" | "check"> {
  /** Its bytes are counted while they are read. */
  readonly sizeBytes: null;
  /** Starts to read at the first byte. The engine closes what it opened, and has one open at a time. */
  open(signal: AbortSignal): Promise<Reading>;
  /** As `Source.reopen`; rejects with SourceChangedError if it cannot be the same file. */
  readonly reopen?: (signal: AbortSignal) => Promise<void>;
}

/** One reading of a `SequentialSource`. */
export interface Reading extends StreamSource {
  /** Ends the reading, wherever it is. Idempotent; `read` is not running or has been aborted, and touches no memory afterwards. */
  close(): Promise<void>;
}

/** Where the bytes of an upload that can be resumed come from. */
export type AnySource = Source | SequentialSource;

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
