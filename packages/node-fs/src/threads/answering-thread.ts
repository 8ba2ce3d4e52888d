import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { DigestFailedError, kept } from "@img/transfer";

/** An abort has to be over within a second. */
const longestEndMs = 500;

interface Waiting<Reply> {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A thread that answers questions in their order. It says one word when it has started, and from then
 * on nothing but answers. Once it is gone, by whatever, every question rejects with DigestFailedError.
 *
 * @param script What runs in it, as CommonJS.
 * @param makes What it makes, for that error's message.
 */
export class AnsweringThread<Question, Reply> {
  readonly #worker: Worker;
  readonly #makes: string;
  readonly #waiting: Waiting<Reply>[] = [];
  /** The thread runs, or never will. One that is ended while it loads its file leaves that open. */
  readonly #started: Promise<void>;
  #failure: Error | null = null;

  constructor(script: string, workerData: unknown, makes: string) {
    this.#makes = makes;
    // Without the process's own flags: some, as --input-type, are not for a thread, and none is needed.
    this.#worker = new Worker(script, { eval: true, workerData, execArgv: [] });
    this.#started = kept(
      new Promise((resolve) => {
        this.#worker.once("message", () => {
          resolve();
          this.#worker.on("message", (reply: Reply) => this.#waiting.shift()?.resolve(reply));
        });
        this.#worker.once("exit", () => resolve());
      }),
    );
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", (code) => this.#fail(new Error(`the thread ended with ${code}`)));
  }

  /** Questions that were not answered yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether it answers no more. */
  get gone(): boolean {
    return this.#failure !== null;
  }

  ask(question: Question): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(question);
    });
  }

  /** Idempotent. A thread that hangs in a read of a dead disk ends with that read, and is not waited for. */
  async close(): Promise<void> {
    this.#fail(new Error("it was closed"));
    await this.#started;
    const timer = new AbortController();
    const late = setTimeout(longestEndMs, undefined, { signal: timer.signal }).catch(
      () => undefined,
    );
    await Promise.race([this.#worker.terminate(), late]);
    timer.abort();
    this.#worker.unref();
  }

  #fail(cause: Error): void {
    this.#failure ??= new DigestFailedError(
      `The thread that makes ${this.#makes} is gone: ${cause.message}.`,
      { advice: "Run it again to resume.", cause },
    );
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
