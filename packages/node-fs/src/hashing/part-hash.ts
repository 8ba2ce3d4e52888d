import { availableParallelism } from "node:os";
import { DigestFailedError, type PartHash } from "@img/transfer";
import type { PartHashReply } from "./part-hash-worker.js";
import { partHashWorkerScript } from "./part-hash-worker-script.js";
import { AnsweringThread } from "../threads/answering-thread.js";

/** One hashes 500 to 800 MiB/s. */
const mostThreads = 4;

/**
 * MD5 of parts in threads: OpenSSL's, which is twice as fast as `hash-wasm`'s (measured: 550 against
 * 250 MiB/s). There are as many as parts come at once, within what the machine has.
 */
export class WorkerPartHash implements PartHash {
  readonly #most = Math.max(1, Math.min(mostThreads, availableParallelism() - 1));
  readonly #threads: AnsweringThread<Uint8Array, PartHashReply>[] = [];
  #closed = false;

  async md5(bytes: Uint8Array): Promise<string> {
    const reply = await this.#leastBusy().ask(bytes);
    if ("md5" in reply) return reply.md5;
    throw new DigestFailedError(`The MD5 of a part could not be made: ${reply.error}.`, {
      advice: 'Leave verifyParts at "none" here.',
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #leastBusy(): AnsweringThread<Uint8Array, PartHashReply> {
    const idle = this.#threads.find((thread) => thread.waiting === 0);
    if (idle !== undefined) return idle;
    if (this.#threads.length < this.#most && !this.#closed) {
      const script = partHashWorkerScript();
      const thread = new AnsweringThread<Uint8Array, PartHashReply>(
        script,
        null,
        "the parts' MD5s",
      );
      this.#threads.push(thread);
      return thread;
    }
    return this.#threads.reduce((a, b) => (b.waiting < a.waiting ? b : a));
  }
}
