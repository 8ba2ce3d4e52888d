import type { DigestSaving, SavedDigest } from "../ports.js";
import { MemoryDigest } from "./memory-ports.js";

/** Digests that read the file and whose state can be saved, as a page has; its text is the bytes so far. */
export class SavableDigests {
  /** What was hashed, from the first digest on, as `offset+length`. */
  readonly hashed: string[] = [];
  readonly #file: () => Uint8Array;

  constructor(file: () => Uint8Array) {
    this.#file = file;
  }

  readonly open = (saved: SavedDigest | null): SavableDigest =>
    new SavableDigest(this.#file, saved, this.hashed);
}

class SavableDigest extends MemoryDigest {
  readonly prefersFile = true;
  readonly saving: DigestSaving;
  readonly #hashed: string[];
  #taken: string;

  constructor(file: () => Uint8Array, saved: SavedDigest | null, hashed: string[]) {
    super(file);
    this.#hashed = hashed;
    this.#taken = saved?.state ?? "";
    if (saved !== null) void super.update(Buffer.from(saved.state, "base64"));
    this.saving = {
      startBytes: saved?.positionBytes ?? 0,
      save: () => this.inTurn(async () => this.#taken),
    };
  }

  override update(bytes: Uint8Array): Promise<number> {
    const taking = super.update(bytes);
    void this.inTurn(async () => {
      const before = Buffer.from(this.#taken, "base64");
      this.#taken = Buffer.concat([before, bytes]).toString("base64");
    });
    return taking;
  }

  override updateFromFile(offset: number, lengthBytes: number): Promise<number> {
    this.#hashed.push(`${offset}+${lengthBytes}`);
    return super.updateFromFile(offset, lengthBytes);
  }
}
