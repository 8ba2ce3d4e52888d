import type { Dispatcher } from "undici";
import type { AnswerHead } from "@img/transfer";

/** Takes an answer as it comes. What it throws ends the exchange, and is what it ends with. */
export interface Receiver {
  onHead(head: AnswerHead): void;
  onBytes(bytes: Uint8Array): void | Promise<void>;
}

/** One request and its answer, as undici's handler: without the streams that cost a copy of each chunk. */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Settles with the head when all of the body was taken, or with whatever ended it. */
  readonly answer: Promise<AnswerHead>;
  /** What the receiver threw. */
  refused: Error | null = null;
  readonly #receiver: Receiver;
  #resolve!: (head: AnswerHead) => void;
  #reject!: (error: unknown) => void;
  #head: AnswerHead | null = null;
  /** What of the body is still being taken. */
  #taking: Promise<void> | null = null;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Settles at once; what still comes from the socket is passed over. */
  fail(error: unknown): void {
    this.#reject(error);
  }

  onRequestStart(): void {
    // Nothing is known yet.
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#head = { status, headers: flat(headers) };
    this.#take(controller, () => this.#receiver.onHead(this.#head!));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // undici flushes its parser with nothing at each resume: to hold that would never let go.
    if (chunk.length === 0) return;
    this.#take(controller, () => {
      const held = this.#receiver.onBytes(chunk);
      if (held !== undefined) this.#hold(controller, held);
    });
  }

  onResponseEnd(): void {
    const head = this.#head;
    if (head === null) this.#reject(new Error("the answer has no head"));
    else if (this.#taking === null) this.#resolve(head);
    else this.#taking.then(() => this.#resolve(head), this.#reject);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }

  #take(controller: Dispatcher.DispatchController, work: () => void): void {
    if (this.refused !== null) return;
    try {
      work();
    } catch (error) {
      this.#refuse(controller, error);
    }
  }

  #hold(controller: Dispatcher.DispatchController, held: Promise<void>): void {
    controller.pause();
    const taking: Promise<void> = held.then(
      () => {
        if (this.#taking !== taking) return;
        this.#taking = null;
        controller.resume();
      },
      (error: unknown) => this.#refuse(controller, error),
    );
    this.#taking = taking;
  }

  #refuse(controller: Dispatcher.DispatchController, error: unknown): void {
    this.refused = error as Error;
    this.#reject(error);
    controller.abort(this.refused);
  }
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [[name.toLowerCase(), Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}
