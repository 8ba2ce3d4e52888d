import { SourceChangedError, type SequentialSource } from "@img/transfer";
import type { FileSource } from "../files/file-source.js";
import { compressionIn, unpackCommand, type Compression } from "./compression.js";
import { Unpacking } from "./unpacking.js";

/** A compressed file as the source of an upload: its bytes are those that it unpacks to. */
export interface UnpackedSource extends SequentialSource {
  readonly format: Compression;
  /** Unpacks the file by hand, and uploads it. */
  readonly unpackCommand: string;
  /** The size of the file itself; null if a web server does not tell it. */
  readonly packedBytes: number | null;
}

/** A compressed file on this machine. */
export interface CompressedSource extends UnpackedSource, AsyncDisposable {
  /** Absolute. */
  readonly path: string;
  /** Of the file itself. */
  readonly packedBytes: number;
  reopen(signal: AbortSignal): Promise<void>;
  /** Idempotent. `await using` calls it. */
  close(): Promise<void>;
}

/** @param file Closed with the source. */
export function compressedSource(file: FileSource, compression: Compression): CompressedSource {
  const { path, label, sizeBytes } = file;
  const source: CompressedSource = {
    path,
    label,
    sizeBytes: null,
    packedBytes: sizeBytes,
    format: compression,
    unpackCommand: unpackCommand(path, compression),
    get identity() {
      return file.identity;
    },
    open: async (signal) => {
      signal.throwIfAborted();
      return new Unpacking(source, file);
    },
    check: () => file.check(),
    async reopen(signal) {
      await file.reopen();
      if ((await compressionIn(file, signal)) === compression) return;
      throw new SourceChangedError(`${path} is no longer a file compressed by ${compression}`);
    },
    close: () => file.close(),
    [Symbol.asyncDispose]: () => file.close(),
  };
  return source;
}
