import { Worker } from "node:worker_threads";

/** An MD5 on its way. Not for two callers at a time. */
export interface Md5 {
  /** Takes the first `bytes` of `shared` in; it may be changed again once this has resolved. */
  update(shared: SharedArrayBuffer, bytes: number): Promise<void>;
  /** 32 lower-case hex digits; ends it. */
  digest(): Promise<string>;
  /** Ends it without a digest. */
  drop(): void;
}

/** Threads that hash what the main one receives: MD5 takes twice as long as all the rest of a part. */
export interface Md5Workers {
  open(): Md5;
  /** Ends the threads; nothing may be under way. */
  close(): Promise<void>;
}

/** In here, since a file of its own would have another name in the sources, in `dist` and in a bundle. */
const program = `
  const { parentPort } = require("node:worker_threads");
  const { createHash } = require("node:crypto");
  const hashes = new Map();
  parentPort.on("message", ({ id, shared, bytes, end }) => {
    const hash = hashes.get(id) ?? createHash("md5");
    if (end) hashes.delete(id);
    else hashes.set(id, hash.update(new Uint8Array(shared, 0, bytes)));
    parentPort.postMessage(end ? hash.digest("hex") : "");
  });
`;

type Task =
  | { readonly id: number; readonly shared: SharedArrayBuffer; readonly bytes: number }
  | { readonly id: number; readonly end: true };

/** @param count Threads at most; each is started when all before it have work. */
export function md5Workers(count: number): Md5Workers {
  const threads: Thread[] = [];
  let lastId = 0;
  const leastBusy = (): Thread => {
    const idle = threads.find((thread) => thread.users === 0);
    if (idle) return idle;
    if (threads.length < count) threads.push(new Thread((dead) => remove(threads, dead)));
    return threads.reduce((best, thread) => (thread.users < best.users ? thread : best));
  };
  return {
    open() {
      const thread = leastBusy();
      const id = ++lastId;
      thread.users += 1;
      const end = () => {
        thread.users -= 1;
        return thread.run({ id, end: true });
      };
      return {
        update: async (shared, bytes) => {
          await thread.run({ id, shared, bytes });
        },
        digest: end,
        drop: () => void end().catch(() => undefined),
      };
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

function remove(threads: Thread[], dead: Thread): void {
  const index = threads.indexOf(dead);
  if (index >= 0) threads.splice(index, 1);
}

/** One worker, which answers each task in turn. */
class Thread {
  users = 0;
  readonly #worker: Worker;
  readonly #waiting: { resolve: (text: string) => void; reject: (error: Error) => void }[] = [];
  #died: Error | undefined;

  constructor(onDeath: (thread: Thread) => void) {
    this.#worker = new Worker(program, { eval: true });
    // An idle thread keeps no process alive; one at work has a request that does.
    this.#worker.unref();
    this.#worker.on("message", (text: string) => this.#waiting.shift()?.resolve(text));
    this.#worker.on("error", (error: Error) => {
      this.#died = error;
      onDeath(this);
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  run(task: Task): Promise<string> {
    if (this.#died) return Promise.reject(this.#died);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(task);
    });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}
