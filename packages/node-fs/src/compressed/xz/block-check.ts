import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { NotDecoded } from "../decode-faults.js";
import { Crc64 } from "./crc64.js";

/** What an xz file has behind each block, to tell whether it was unpacked right. */
export interface BlockCheck {
  update(bytes: Uint8Array): void;
  /** As it stands in the file. */
  digest(): Uint8Array;
}

const lengths: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [1, 4],
  [4, 8],
  [10, 32],
]);

/** @throws {NotDecoded} It is of no kind that the format defines. */
export function checkBytes(id: number): number {
  const bytes = lengths.get(id);
  if (bytes === undefined) throw new NotDecoded(`it has checksums of an unknown kind (${id})`);
  return bytes;
}

/** @param id That `checkBytes` knows. */
export function blockCheck(id: number): BlockCheck {
  if (id === 0) return { update: () => undefined, digest: () => new Uint8Array() };
  if (id === 1) return new Crc32();
  return id === 4 ? new Crc64() : createHash("sha256");
}

class Crc32 implements BlockCheck {
  #crc = 0;

  update(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
  }

  digest(): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, this.#crc, true);
    return bytes;
  }
}
