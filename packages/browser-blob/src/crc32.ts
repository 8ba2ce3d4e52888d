const tableCount = 16;
const tables = makeTables();

/** Entry `256 * k + b`: what byte `b` adds to the CRC when `k` more bytes follow it. */
function makeTables(): Int32Array {
  const made = new Int32Array(256 * tableCount);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    made[byte] = crc;
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256]!;
    made[at] = (before >>> 8) ^ made[before & 0xff]!;
  }
  return made;
}

/**
 * CRC-32 (ISO 3309, as in gzip), 16 bytes at a step: about 800 MiB/s, a byte at a time about 300
 * (measured in V8 on one core).
 *
 * @param seed The CRC-32 of what came before.
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed;
  let at = 0;
  if (bytes.byteOffset % 4 === 0 && isLittleEndian) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    const last = words.length - (words.length % 4);
    for (let word = 0; word < last; word += 4) {
      crc =
        four(words[word]! ^ crc, 3072) ^
        four(words[word + 1]!, 2048) ^
        four(words[word + 2]!, 1024) ^
        four(words[word + 3]!, 0);
    }
    at = last * 4;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** What a word adds, where `after / 256` more bytes follow it. */
const four = (word: number, after: number): number =>
  tables[after + 768 + (word & 0xff)]! ^
  tables[after + 512 + ((word >>> 8) & 0xff)]! ^
  tables[after + 256 + ((word >>> 16) & 0xff)]! ^
  tables[after + (word >>> 24)]!;

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Takes about a millisecond, or ten on a busy machine. */
const sliceBytes = 1024 * 1024;

/** The CRC-32, computed in slices so that the page stays responsive. */
export function crc32InSlices(bytes: Uint8Array, seed = 0): number | Promise<number> {
  return bytes.length <= sliceBytes ? crc32(bytes, seed) : slices(bytes, seed);
}

async function slices(bytes: Uint8Array, seed: number): Promise<number> {
  let crc = seed;
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    crc = crc32(bytes.subarray(at, at + sliceBytes), crc);
    await nextTask();
  }
  return crc;
}

/** Not a timer, which a page in the background gets once a second. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
