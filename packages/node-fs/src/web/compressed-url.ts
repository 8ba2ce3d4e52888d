import type { Reading } from "@img/transfer";
import { unpackUrlCommand, type Compression } from "../compressed/compression.js";
import type { UnpackedSource } from "../compressed/compressed-source.js";
import { Unpacking } from "../compressed/unpacking.js";
import { identityOf } from "./url-source.js";
import type { WebFile } from "./web-file.js";

/** A compressed file on a web server as the source of an upload: its bytes are those that it unpacks to. */
export interface CompressedUrlSource extends UnpackedSource, AsyncDisposable {
  /** Starts to read the file itself, from its first byte. */
  openPacked(): Reading;
  /** Ends what is being read, and closes the connections. Idempotent. */
  close(): Promise<void>;
}

/**
 * @param web Open, and closed with the source.
 * @param openPacked Starts to read the file itself, from its first byte.
 */
export function compressedUrl(
  web: WebFile,
  compression: Compression,
  openPacked: () => Reading,
): CompressedUrlSource {
  const source: CompressedUrlSource = {
    label: web.label,
    sizeBytes: null,
    identity: identityOf(web),
    format: compression,
    unpackCommand: unpackUrlCommand(web.label, compression),
    packedBytes: web.head.sizeBytes,
    openPacked,
    open: async () => new Unpacking(source, openPacked()),
    check: () => web.check(),
    close: () => web.close(),
    [Symbol.asyncDispose]: () => web.close(),
  };
  return source;
}
