import { DigestFailedError } from "@img/transfer";
import { Thread } from "./thread.js";

interface Waiting<Reply> {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that answers questions in their order. Once it has ended, every question rejects with DigestFailedError. */
export class AnsweringThread<Question, Reply> extends Thread<Reply> {
  readonly #makes: string;
  readonly #waiting: Waiting<Reply>[] = [];
  #failure: Error | null = null;

  /** @param makes What it makes, for that error's message. */
  constructor(script: string, workerData: unknown, makes: string) {
    super(script, workerData);
    this.#makes = makes;
  }

  /** Questions that were not answered yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  ask(question: Question): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.send(question);
    });
  }

  protected override onMessage(reply: Reply): void {
    this.#waiting.shift()?.resolve(reply);
  }

  protected override onEnd(cause: Error): void {
    const what = `The thread that makes ${this.#makes} is gone: ${cause.message}.`;
    this.#failure = new DigestFailedError(what, { advice: "Run it again to resume.", cause });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
