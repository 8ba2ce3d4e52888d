import type { DiskFile } from "@img/disk-formats";
import type { Reading } from "@img/transfer";
import { sharedMemory } from "../hashing/digest.js";

/** As far as a compressed disk is unpacked for a look at it: partitions to boot from begin before. */
const mostBytes = 32 * 1024 * 1024;
const stepBytes = 1024 * 1024;
const sectorBytes = 512;
/** The backup of a GPT: a header, and 128 partitions of 128 bytes. */
const backupBytes = 33 * sectorBytes;

/**
 * The first MiBs of a compressed disk, unpacked as far as they are asked for. How large the disk is is told by its
 * partition table only, unless it ends before.
 */
export class DecodedHead implements DiskFile {
  readonly #reading: Reading;
  readonly #bytes = sharedMemory(mostBytes);
  #read = 0;
  #ended = false;
  sizeBytes: number = mostBytes;

  private constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** @param reading From its start; it stays the caller's. */
  static async of(reading: Reading, signal: AbortSignal): Promise<DecodedHead> {
    const head = new DecodedHead(reading);
    await head.#readTo(1, signal);
    return head;
  }

  /** Finds out how large the disk is, or at least `mostBytes`. */
  async findSize(signal: AbortSignal): Promise<void> {
    const told = this.#ended ? null : sizeByTable(this.#bytes);
    if (told === null) await this.#readTo(mostBytes, signal);
    else this.sizeBytes = told;
  }

  /** Whether the disk's size is the one that was found by reading it. */
  get isWhole(): boolean {
    return this.#ended;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const end = offset + into.length;
    if (end > mostBytes && offset >= this.sizeBytes - backupBytes) {
      into.fill(0); // what the backup is, a look at the head does not say
      return;
    }
    if (end > mostBytes)
      throw new Error("only the first 32 MiB of a compressed disk are looked at");
    await this.#readTo(end, signal);
    if (end > this.#read) throw new Error("the disk ends before");
    into.set(this.#bytes.subarray(offset, end));
  }

  async #readTo(end: number, signal: AbortSignal): Promise<void> {
    while (this.#read < end && !this.#ended) {
      const step = this.#bytes.subarray(this.#read, this.#read + stepBytes);
      const lengthBytes = await this.#reading.read(step, signal);
      this.#read += lengthBytes;
      this.#ended = lengthBytes < step.length;
    }
    if (this.#ended) this.sizeBytes = this.#read;
  }
}

/** By the GPT's header, which tells where its backup is, or by where the last partition of an MBR ends. */
function sizeByTable(head: Uint8Array): number | null {
  const view = new DataView(head.buffer, head.byteOffset, 2 * sectorBytes);
  if (view.getBigUint64(sectorBytes) === 0x4546492050415254n) {
    return (Number(view.getBigUint64(sectorBytes + 32, true)) + 1) * sectorBytes;
  }
  if (view.getUint16(510) !== 0x55aa) return null;
  const ends = [446, 462, 478, 494].map(
    (at) => view.getUint32(at + 8, true) + view.getUint32(at + 12, true),
  );
  return Math.max(...ends) * sectorBytes || null;
}
