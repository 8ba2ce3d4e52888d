import { createGunzip } from "node:zlib";
import { sound } from "./decode-faults.js";
import type { PackedBytes } from "./packed-bytes.js";
import { transformed } from "./transformed.js";

/** Of what is unpacked at once: larger pieces cost fewer ways to zlib's thread and back. */
const pieceBytes = 512 * 1024;

/** Decodes a gzip file: members in a row, and zeros behind them. */
export async function* decodeGzip(packed: PackedBytes): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: pieceBytes });
  let fedBytes = 0;
  const feed = async (write: (bytes: Uint8Array) => Promise<void>): Promise<void> => {
    for (let bytes = await packed.some(); bytes !== null; bytes = await packed.some()) {
      fedBytes += bytes.length;
      await write(bytes);
      const left = fedBytes - gunzip.bytesWritten;
      if (left > 0) return checkZeros(packed, bytes.subarray(bytes.length - left));
    }
  };
  try {
    yield* transformed(gunzip, feed);
  } catch (error) {
    packed.position = gunzip.bytesWritten;
    throw error;
  }
}

/** zlib takes no more than the members: zeros may fill the last block of a tape. */
async function checkZeros(packed: PackedBytes, rest: Uint8Array): Promise<void> {
  for (let bytes: Uint8Array | null = rest; bytes !== null; bytes = await packed.some()) {
    sound(
      bytes.every((byte) => byte === 0),
      "what follows its end is neither gzip nor zeros",
    );
  }
}
