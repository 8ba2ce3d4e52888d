const polyLow = 0xd7870f42;
const polyHigh = 0xc96c5795;

/** For each byte and each place of it in a word of eight, 64 bits as two numbers of 32. */
const tables = { low: new Uint32Array(8 * 256), high: new Uint32Array(8 * 256) };

for (let byte = 0; byte < 256; byte++) {
  let low = byte;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (low & 1) === 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (isOdd) {
      low ^= polyLow;
      high ^= polyHigh;
    }
  }
  tables.low[byte] = low;
  tables.high[byte] = high;
}
for (let at = 256; at < 8 * 256; at++) {
  const low = tables.low[at - 256]!;
  const high = tables.high[at - 256]!;
  const next = low & 255;
  tables.low[at] = ((low >>> 8) | (high << 24)) ^ tables.low[next]!;
  tables.high[at] = (high >>> 8) ^ tables.high[next]!;
}

/** CRC-64 (ECMA-182, reflected), as xz makes it of its blocks. */
export class Crc64 {
  #low = -1;
  #high = -1;

  update(bytes: Uint8Array): void {
    const { low: tableLow, high: tableHigh } = tables;
    const whole = bytes.length - (bytes.length % 8);
    let low = this.#low;
    let high = this.#high;
    for (let at = 0; at < whole; at += 8) {
      const a = low ^ wordAt(bytes, at);
      const b = high ^ wordAt(bytes, at + 4);
      low = high = 0;
      for (let byte = 0; byte < 4; byte++) {
        const first = (7 - byte) * 256 + ((a >>> (8 * byte)) & 255);
        const second = (3 - byte) * 256 + ((b >>> (8 * byte)) & 255);
        low ^= tableLow[first]! ^ tableLow[second]!;
        high ^= tableHigh[first]! ^ tableHigh[second]!;
      }
    }
    for (let at = whole; at < bytes.length; at++) {
      const index = (low ^ bytes[at]!) & 255;
      low = ((low >>> 8) | (high << 24)) ^ tableLow[index]!;
      high = (high >>> 8) ^ tableHigh[index]!;
    }
    this.#low = low;
    this.#high = high;
  }

  /** As it stands in a file: 8 bytes, the lowest first. */
  digest(): Uint8Array {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setUint32(0, ~this.#low >>> 0, true);
    bytes.setUint32(4, ~this.#high >>> 0, true);
    return new Uint8Array(bytes.buffer);
  }
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
