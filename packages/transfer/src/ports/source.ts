import type { StreamSource } from "./stream.js";

/** What says that a source is still the same file. Its keys are the adapter's; equal means all are. */
export type Identity = Readonly<Record<string, string>>;

/** Where the bytes of an upload come from. Opened and closed by the adapter, never by the engine. */
export interface Source {
  /** For a person: a path, or a file's name. */
  readonly label: string;
  /** Fixed for as long as the source is open. */
  readonly sizeBytes: number;
  /** Of the file as it was opened, or last found to be the same. */
  readonly identity: Identity;
  /**
   * How the file encodes these bytes, by a name of the adapter's: the journal keeps it, so that a resume
   * can open the file in the same way. @default "raw"
   */
  readonly format?: string | undefined;
  /**
   * Fills `into` with the bytes from `offset` on and resolves when it is full.
   * Several calls may run at once, and the same bytes may be asked for again.
   * Rejects with SourceChangedError if the file is no longer the one that was opened; with `reopen`, only
   * if its size is another one, or it is gone. `into` may then, or once aborted, hold anything, but is no
   * longer written to.
   */
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Looks at the identity once more. Rejects with SourceChangedError if it is another, or was since the file was opened. */
  check(): Promise<void>;
  /**
   * Opens what is there now in the place of the file: `read` and `identity` are of that from then on.
   * Called where `check` has rejected: the metadata may be others and the bytes the same, which are all read
   * again then. No read is running. Rejects with SourceChangedError if the size is another one, or the file
   * is gone. @default a change of metadata ends the upload
   */
  readonly reopen?: (signal: AbortSignal) => Promise<void>;
  /**
   * The CRC-32 of a range as it is now. Given where `read` and `check` may not notice that the file
   * changed: then every part is read again before the image is completed, and must have the CRC-32 that
   * it was sent with. @default a change is noticed
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
