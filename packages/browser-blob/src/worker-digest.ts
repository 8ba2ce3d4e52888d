import { kept, type Digest, type DigestSaving, type SavedDigest } from "@img/transfer";
import { ImageWorker } from "./image-worker-client.js";
import type { WorkerAnswer, WorkerRequest } from "./image-worker-protocol.js";
import { MemoryPieces } from "./memory-pieces.js";
import { workerError } from "./source-errors.js";

/** A state of another version of hash-wasm is not used, because its layout may differ. */
const statePrefix = "hash-wasm/4 ";

/** The state for the worker; null if there is none that can be used. */
export function stateOf(saved: SavedDigest | null): string | null {
  return saved?.state.startsWith(statePrefix) ? saved.state.slice(statePrefix.length) : null;
}

/** What a digest is made of, and by which worker. */
export interface DigestTask {
  /** The worker, started with `stateOf(saved)`. */
  readonly worker: ImageWorker;
  readonly saved: SavedDigest | null;
  /** The image's name, for messages. */
  readonly label: string;
  /** See `Digest.prefersFile`. */
  readonly prefersFile: boolean;
  /** Called when the digest is closed. It does not always end the worker, which others may still use. */
  readonly end: () => void;
}

/** The SHA-256 of an image, computed by a worker that gets the bytes in pieces or reads the image itself. */
export class WorkerDigest implements Digest {
  readonly prefersFile: boolean;
  readonly saving: DigestSaving;
  readonly #task: DigestTask;
  readonly #pieces: MemoryPieces;
  /** Resolves when all earlier requests were sent. */
  #sent: Promise<unknown> = Promise.resolve();

  constructor(task: DigestTask) {
    const { worker, saved, prefersFile } = task;
    this.#task = task;
    this.#pieces = new MemoryPieces(worker);
    this.prefersFile = prefersFile;
    this.saving = {
      startBytes: saved !== null && stateOf(saved) !== null ? saved.positionBytes : 0,
      save: async () => statePrefix + String(await this.#ask({ kind: "save" })),
    };
  }

  async update(bytes: Uint8Array): Promise<number> {
    return Number(await this.#inTurn(() => this.#pieces.send(bytes)));
  }

  async updateFromFile(offset: number, lengthBytes: number): Promise<number> {
    return Number(await this.#ask({ kind: "file", offset, lengthBytes }));
  }

  async finish(): Promise<string> {
    return String(await this.#ask({ kind: "finish" }));
  }

  async close(): Promise<void> {
    this.#task.end();
  }

  #ask(request: WorkerRequest): Promise<WorkerAnswer["value"]> {
    return this.#inTurn(async () => ({ answered: kept(this.#task.worker.ask(request)) }));
  }

  /** The worker answers in the order of its messages, so they have to be sent in the order of the calls. */
  async #inTurn(
    send: () => Promise<{ readonly answered: Promise<WorkerAnswer> }>,
  ): Promise<WorkerAnswer["value"]> {
    const sending = kept(this.#sent.then(send));
    this.#sent = sending.catch(() => undefined);
    try {
      const { answered } = await sending;
      return (await answered).value;
    } catch (cause) {
      throw workerError(this.#task.label, cause as Error);
    }
  }
}

/**
 * The SHA-256 of an image, by a worker that ends with it.
 *
 * @param blob For a worker that can read the image by itself; null if it is sent the bytes.
 */
export function digestOf(
  { blob, label }: { readonly blob: Blob | null; readonly label: string },
  saved: SavedDigest | null,
): WorkerDigest {
  const worker = new ImageWorker({ given: blob ?? new Blob(), state: stateOf(saved) });
  return new WorkerDigest({ worker, saved, label, prefersFile: false, end: () => worker.end() });
}
