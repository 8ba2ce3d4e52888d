import type { Compression } from "./compression.js";
import type { PackedBytes } from "./packed-bytes.js";

/** Unpacks a compressed file. Each piece is overwritten when the next is asked for. */
export async function decode(
  packed: PackedBytes,
  compression: Compression,
): Promise<AsyncGenerator<Uint8Array>> {
  switch (compression) {
    case "gzip":
      return (await import("./gzip.js")).decodeGzip(packed);
    case "xz":
      return (await import("./xz/xz-file.js")).decodeXz(packed);
    case "zstd":
      return (await import("./zstd/zstd.js")).decodeZstd(packed);
  }
}
