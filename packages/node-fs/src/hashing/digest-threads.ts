import { availableParallelism } from "node:os";
import { AnsweringThread } from "../threads/answering-thread.js";
import type { DigestRequest } from "./digest-worker.js";
import { digestWorkerScript } from "./digest-worker-script.js";
import type { DigestReply } from "./running-hash.js";

/** One of the threads. */
export interface DigestThread {
  readonly answers: AnsweringThread<DigestRequest, DigestReply>;
  /** Digests that it makes. */
  digests: number;
}

/** The threads in which digests are made: one for each, or a few that many digests share. */
export class DigestThreads {
  /** Whether threads are kept for further digests until `close`. */
  readonly isShared: boolean;
  readonly #most: number;
  readonly #threads = new Set<DigestThread>();
  readonly #hanging = new Set<DigestThread>();

  private constructor(most: number, isShared: boolean) {
    this.#most = most;
    this.isShared = isShared;
  }

  /** A thread for each digest, which ends with it. */
  static own(): DigestThreads {
    return new DigestThreads(Infinity, false);
  }

  /** Threads for many digests. A thread makes 1.5 GiB/s and more, and starts in 35 ms (measured). */
  static shared(most: number = Math.min(4, Math.ceil(availableParallelism() / 4))): DigestThreads {
    return new DigestThreads(most, true);
  }

  /** A thread for one more digest. */
  take(): DigestThread {
    for (const thread of this.#threads) if (thread.answers.gone) this.#threads.delete(thread);
    const [least] = [...this.#threads].sort((a, b) => a.digests - b.digests);
    const isTaken =
      least !== undefined && (least.digests === 0 || this.#threads.size >= this.#most);
    const thread = isTaken ? least : this.#start();
    thread.digests++;
    return thread;
  }

  /**
   * A digest is closed. A shared thread that hangs in a read of a dead disk gets no further digests, and is left alone:
   * it may still write to the memory that it was given, which must be nobody else's until it has answered.
   */
  async giveBack(thread: DigestThread, isUsable: boolean): Promise<void> {
    thread.digests--;
    if (isUsable) return;
    this.#threads.delete(thread);
    if (this.isShared) this.#hanging.add(thread);
    else await thread.answers.close();
  }

  /** Ends the threads. Digests that are not finished fail. Idempotent. */
  async close(): Promise<void> {
    const threads = [...this.#threads, ...this.#hanging];
    this.#threads.clear();
    this.#hanging.clear();
    await Promise.all(threads.map(({ answers }) => answers.close()));
  }

  #start(): DigestThread {
    const answers = new AnsweringThread<DigestRequest, DigestReply>(
      digestWorkerScript(),
      null,
      "the digest",
    );
    const thread = { answers, digests: 0 };
    this.#threads.add(thread);
    return thread;
  }
}
