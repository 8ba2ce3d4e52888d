import type { DigestSaving, SavedDigest } from "../ports.js";
import { MemoryDigest } from "./memory-ports.js";

/** Digests whose state can be saved, as a page has; its text is the bytes so far. */
export class SavableDigests {
  /** What was hashed, from the first digest on, as `offset+length`. */
  readonly hashed: string[] = [];
  /** That of it which was read from the file. */
  readonly fromFile: string[] = [];
  readonly file: () => Uint8Array;
  readonly prefersFile: boolean;

  constructor(file: () => Uint8Array, prefersFile: boolean) {
    this.file = file;
    this.prefersFile = prefersFile;
  }

  readonly open = (saved: SavedDigest | null): SavableDigest => new SavableDigest(this, saved);
}

class SavableDigest extends MemoryDigest {
  readonly prefersFile: boolean;
  readonly saving: DigestSaving;
  readonly #all: SavableDigests;
  #positionBytes: number;
  #taken: string;

  constructor(all: SavableDigests, saved: SavedDigest | null) {
    super(all.file);
    this.prefersFile = all.prefersFile;
    this.#all = all;
    this.#taken = saved?.state ?? "";
    this.#positionBytes = saved?.positionBytes ?? 0;
    if (saved !== null) void super.update(Buffer.from(saved.state, "base64")).catch(ignore);
    this.saving = {
      startBytes: this.#positionBytes,
      save: () => this.inTurn(async () => this.#taken),
    };
  }

  override update(bytes: Uint8Array): Promise<number> {
    this.#all.hashed.push(`${this.#positionBytes}+${bytes.length}`);
    this.#positionBytes += bytes.length;
    const taking = super.update(bytes);
    void this.inTurn(async () => {
      const before = Buffer.from(this.#taken, "base64");
      this.#taken = Buffer.concat([before, bytes]).toString("base64");
    }).catch(ignore);
    return taking;
  }

  override updateFromFile(offset: number, lengthBytes: number): Promise<number> {
    this.#all.fromFile.push(`${offset}+${lengthBytes}`);
    return super.updateFromFile(offset, lengthBytes);
  }
}

/** A failure is told by each call that comes later. */
const ignore = (): void => undefined;
