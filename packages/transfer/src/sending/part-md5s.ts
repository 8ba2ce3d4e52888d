import { kept } from "../promises/kept.js";
import type { Part } from "../plan.js";
import type { PartHash } from "../ports.js";
import type { Loan } from "../run/buffers.js";

/** The MD5s of the parts that are being sent, made while they wait for a lane. */
export class PartMd5s {
  readonly #hash: PartHash;
  readonly #made = new Map<number, Promise<string>>();

  constructor(hash: PartHash) {
    this.#hash = hash;
  }

  /** Starts to hash a part that was just read. Its buffer is held until that is done. */
  ahead(loan: Loan): void {
    loan.retain();
    const made = kept(this.#hash.md5([loan.bytes]).finally(() => loan.release()));
    this.#made.set(loan.part.number, made);
  }

  /** Makes the MD5 of a part that is not in memory. */
  async of(pieces: AsyncIterable<Uint8Array>): Promise<PartMd5> {
    return new PartMd5(await this.#hash.md5(pieces));
  }

  /** Returns the MD5 of a part for which `ahead` was called. */
  async take({ number }: Part): Promise<PartMd5> {
    const made = this.#made.get(number);
    if (made === undefined) throw new Error(`bug: nobody asked for the MD5 of part ${number}`);
    return new PartMd5(await made);
  }
}

/** The MD5 of one part. */
export class PartMd5 {
  readonly #hex: string;

  /** @param hex 32 lower-case hex digits. */
  constructor(hex: string) {
    this.#hex = hex;
  }

  /** The value of a `Content-MD5` header: the 16 bytes in base64 (RFC 1864). */
  get header(): string {
    const bytes = this.#hex.match(/../g)!.map((hex) => parseInt(hex, 16));
    return btoa(String.fromCharCode(...bytes));
  }

  /** Why an ETag proves that the part differs: it is another MD5. Null if it is this MD5, or no MD5. */
  whyNot(etag: string): string | null {
    const told = /^"?([0-9a-f]{32})"?$/i.exec(etag)?.[1]?.toLowerCase();
    if (told === undefined || told === this.#hex) return null;
    return (
      `its ETag ${told} is not the part's MD5 ${this.#hex}, although it accepted that as Content-MD5. Stores that ` +
      'encrypt with KMS or customers\' keys give such ETags: leave verifyParts at "none" for them'
    );
  }
}
