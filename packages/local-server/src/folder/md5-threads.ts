import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Md5Question, Md5Reply } from "./md5-worker.js";

/** Computes the MD5 of one part, piece by piece. */
export interface Md5 {
  /** Adds a piece. Resolves when the piece may be changed again. */
  update(piece: Uint8Array): Promise<void>;
  /** Resolves to 32 lower-case hex digits. Call nothing after it. */
  digest(): Promise<string>;
}

/** Computes MD5s in this thread, which finishes a small part before another thread wakes up. */
export function md5Here(): Md5 {
  const hash = createHash("md5");
  return {
    update: async (piece) => void hash.update(piece),
    digest: async () => hash.digest("hex"),
  };
}

const workerFile = new URL("../../dist/folder/md5-worker.js", import.meta.url);
/** The maximum number of threads. One hashes 400 to 800 MiB/s. */
const MOST_THREADS = 4;

/** Computes MD5s in separate threads, which start with the first part and do not keep the process alive. */
export class Md5Threads {
  readonly #most = Math.max(1, Math.min(MOST_THREADS, availableParallelism() - 1));
  #threads: Md5Thread[] = [];
  #parts = 0;

  /** Begins a part. Its pieces must be in shared memory, and are hashed in one thread, in order. */
  begin(): Md5 {
    const part = ++this.#parts;
    const thread = this.#leastBusy();
    thread.parts++;
    return {
      async update(bytes) {
        await thread.ask({ part, bytes });
      },
      digest: () => thread.ask({ part }).finally(() => thread.parts--),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread.close()));
  }

  #leastBusy(): Md5Thread {
    // A dead thread is dropped together with its parts.
    this.#threads = this.#threads.filter((thread) => thread.failure === undefined);
    const idle = this.#threads.find(({ parts }) => parts === 0);
    if (idle) return idle;
    if (this.#threads.length < this.#most) this.#threads.push(new Md5Thread());
    return this.#threads.reduce((a, b) => (b.parts < a.parts ? b : a));
  }
}

interface Waiting {
  readonly resolve: (reply: Md5Reply) => void;
  readonly reject: (error: Error) => void;
}

/** One thread. It answers in the order of the questions. */
class Md5Thread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  /** The number of parts that the thread is hashing. */
  parts = 0;
  failure: Error | undefined;

  constructor() {
    this.#worker = new Worker(workerFile, { execArgv: [] });
    this.#worker.on("message", (reply: Md5Reply) => this.#waiting.shift()?.resolve(reply));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", (code) => this.#fail(new Error(`it ended with ${code}`)));
    this.#worker.unref();
  }

  ask(question: Md5Question): Promise<Md5Reply> {
    return new Promise((resolve, reject) => {
      if (this.failure) {
        reject(this.failure);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(question);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(cause: Error): void {
    this.failure ??= new Error(`The thread that hashes parts is gone: ${cause.message}`, { cause });
    for (const { reject } of this.#waiting.splice(0)) reject(this.failure);
  }
}
