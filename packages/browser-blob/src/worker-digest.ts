import { DigestFailedError, type Digest, type DigestSaving, type SavedDigest } from "@img/transfer";
import { sourceChanged } from "./blob-source.js";
import { ImageWorker, WorkerRefusal } from "./image-worker-client.js";
import { unreadable } from "./image-worker-protocol.js";

/** A state of another hash-wasm, whose layout may be another, is not gone on with. */
const statePrefix = "hash-wasm/4 ";

/** The state for the worker; null where there is none that can be gone on with. */
export function stateOf(saved: SavedDigest | null): string | null {
  return saved?.state.startsWith(statePrefix) ? saved.state.slice(statePrefix.length) : null;
}

/** SHA-256 of an image, made by a worker that reads the image itself. */
export class WorkerDigest implements Digest {
  readonly prefersFile = true;
  readonly saving: DigestSaving;
  readonly #worker: ImageWorker;
  readonly #label: string;
  readonly #end: () => void;

  /**
   * @param worker Was started with `stateOf(saved)`.
   * @param end Called at the end: whoever else uses the worker may still need it.
   */
  constructor(worker: ImageWorker, saved: SavedDigest | null, label: string, end: () => void) {
    this.#worker = worker;
    this.#label = label;
    this.#end = end;
    this.saving = {
      startBytes: saved !== null && stateOf(saved) !== null ? saved.positionBytes : 0,
      save: async () => statePrefix + String(await this.#ask({ kind: "save" })),
    };
  }

  /** Copies the bytes. */
  async update(bytes: Uint8Array): Promise<number> {
    return Number(await this.#ask({ kind: "memory", bytes: bytes.slice() }));
  }

  async updateFromFile(offset: number, lengthBytes: number): Promise<number> {
    return Number(await this.#ask({ kind: "file", offset, lengthBytes }));
  }

  async finish(): Promise<string> {
    return String(await this.#ask({ kind: "finish" }));
  }

  async close(): Promise<void> {
    this.#end();
  }

  async #ask(request: Parameters<ImageWorker["ask"]>[0]): Promise<number | string | undefined> {
    try {
      return await this.#worker.ask(request);
    } catch (cause) {
      const { name, message } = cause as Error;
      if (cause instanceof WorkerRefusal && name === unreadable) {
        throw sourceChanged(this.#label, cause);
      }
      throw new DigestFailedError(
        `The worker that makes the digest failed: ${message}. Run it again to go on.`,
        { cause },
      );
    }
  }
}
