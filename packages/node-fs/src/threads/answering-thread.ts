import { DigestFailedError } from "@img/transfer";
import { Thread } from "./thread.js";

interface Waiting<Reply> {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A thread that answers questions in their order. Once it has ended, every question rejects with DigestFailedError.
 *
 * @param script What runs in it, as CommonJS.
 * @param makes What it makes, for that error's message.
 */
export class AnsweringThread<Question, Reply> {
  readonly #thread: Thread<Reply>;
  readonly #waiting: Waiting<Reply>[] = [];
  #failure: Error | null = null;

  constructor(script: string, workerData: unknown, makes: string) {
    this.#thread = new Thread<Reply>(script, workerData, {
      onMessage: (reply) => this.#waiting.shift()?.resolve(reply),
      onEnd: (cause) => {
        const what = `The thread that makes ${makes} is gone: ${cause.message}.`;
        this.#failure = new DigestFailedError(what, { advice: "Run it again to resume.", cause });
        for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
      },
    });
  }

  /** Questions that were not answered yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether it answers no more. */
  get gone(): boolean {
    return this.#thread.gone;
  }

  ask(question: Question): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#thread.tell(question);
    });
  }

  /** Idempotent. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}
