import type { PartTransport } from "@img/transfer";
import { LaneThread } from "./lane-thread.js";
import { ThreadTransport } from "./thread-transport.js";

/**
 * Lanes that run in threads of their own, over the memory of the part buffers: where TLS on one thread is
 * the limit, as many times the speed as there are threads and cores for them. A thread ends with its
 * last lane.
 */
export class LaneThreadPool {
  readonly #most: number;
  readonly #threads = new Set<LaneThread>();

  /** @param threads How many, at most. */
  constructor(threads: number) {
    this.#most = threads;
  }

  openTransport(): PartTransport {
    return new ThreadTransport(this);
  }

  /** Of the threads on average; see `Platform.busyMs`. */
  busyMs(): number {
    const threads = [...this.#threads];
    return threads.reduce((sum, thread) => sum + thread.busyMs, 0) / Math.max(1, threads.length);
  }

  /** The thread for one more lane. */
  take(): LaneThread {
    for (const thread of this.#threads) if (thread.gone) this.#threads.delete(thread);
    if (this.#threads.size < this.#most) {
      const thread = new LaneThread();
      this.#threads.add(thread);
      return thread;
    }
    return [...this.#threads].reduce((a, b) => (b.lanes < a.lanes ? b : a));
  }

  /** A lane of this thread has ended. */
  async giveBack(thread: LaneThread): Promise<void> {
    if (thread.lanes > 0) return;
    this.#threads.delete(thread);
    await thread.close();
  }
}
