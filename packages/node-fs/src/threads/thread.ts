import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { kept } from "@img/transfer";

/** An abort has to be over within a second. */
const longestEndMs = 500;

/** Waits half a second for a promise to settle. Resolves to whether it did. */
export async function soon(promise: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const { signal } = timer;
  const late = setTimeout(longestEndMs, false, { signal }).catch(() => false);
  const done = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([done, late]).finally(() => timer.abort());
}

/** A thread that runs one of our scripts. Its first message says that it has started. */
export abstract class Thread<Message> {
  readonly #worker: Worker;
  /** Resolves when the thread runs or has ended. One that is ended while it loads its file leaves that open. */
  readonly #started: Promise<void>;
  #gone = false;

  /** @param script What runs in it, as CommonJS. */
  constructor(script: string, workerData: unknown = null) {
    // Without the process's own flags: some, as --input-type, are not for a thread, and none is needed.
    this.#worker = new Worker(script, { eval: true, workerData, execArgv: [] });
    this.#started = kept(
      new Promise((resolve) => {
        this.#worker.once("message", () => {
          resolve();
          this.#worker.on("message", (message: Message) => this.onMessage(message));
        });
        this.#worker.once("exit", () => resolve());
      }),
    );
    this.#worker.on("error", (error) => this.#end(error));
    this.#worker.on("exit", (code) => this.#end(new Error(`the thread ended with ${code}`)));
  }

  protected abstract onMessage(message: Message): void;

  /** Called once, when the thread has ended or is closed. */
  protected abstract onEnd(cause: Error): void;

  /** Whether it has ended, or is being closed. */
  get gone(): boolean {
    return this.#gone;
  }

  /** See `Platform.busyMs`. */
  get busyMs(): number {
    return this.#worker.performance.eventLoopUtilization().active;
  }

  /** Sends a message to the thread, unless it is gone. */
  protected send(message: unknown): void {
    if (!this.#gone) this.#worker.postMessage(message);
  }

  /** Idempotent. A thread that hangs in a read of a dead disk ends with that read, and is not waited for. */
  async close(): Promise<void> {
    this.#end(new Error("it was closed"));
    await this.#started;
    await soon(kept(this.#worker.terminate()));
    this.#worker.unref();
  }

  #end(cause: Error): void {
    if (this.#gone) return;
    this.#gone = true;
    this.onEnd(cause);
  }
}
