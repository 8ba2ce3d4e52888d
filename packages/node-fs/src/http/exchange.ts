import type { Dispatcher } from "undici";
import { enoughText, kept, type AnswerHead } from "@img/transfer";
import { ConnectionError } from "./transport-error.js";

/** Takes an answer while it arrives. An error that it throws ends the exchange, which rejects with it. */
export interface Receiver {
  onHead(head: AnswerHead): void;
  onBytes(bytes: Uint8Array): void | Promise<void>;
}

/** Is told of the steps of a request. */
export interface Steps {
  /** The request is about to be written to its socket. */
  onStart(): void;
  /** An interim answer (1xx) has come. */
  onInterim(): void;
  /** The head of the answer is there. */
  onAnswer(): void;
}

/** Interim answers (1xx) that may come before the answer. */
const mostInterim = 16;

/** One request and its answer, as undici's handler: without streams, which copy each chunk. */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Settles with the head when all of the body was taken, or with whatever ended it. */
  readonly answer: Promise<AnswerHead>;
  /** What the receiver threw. */
  refused: Error | null = null;
  /** The receiver had enough before the answer ended: its connection cannot be used again. */
  wasCut = false;
  readonly #receiver: Receiver;
  readonly #steps: Steps;
  #resolve!: (head: AnswerHead) => void;
  #reject!: (error: unknown) => void;
  #head: AnswerHead | null = null;
  #interim = 0;
  /** Pending while the receiver takes bytes of the body. */
  #taking: Promise<void> | null = null;

  constructor(receiver: Receiver, steps: Steps) {
    this.#receiver = receiver;
    this.#steps = steps;
    this.answer = kept(
      new Promise((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
      }),
    );
  }

  /** Rejects at once; what still arrives is ignored. */
  fail(error: unknown): void {
    this.#reject(error);
  }

  onRequestStart(): void {
    this.#steps.onStart();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#take(controller, () => {
      if (status < 200) this.#onInterim(status);
      else this.#onHead({ status, headers: flat(headers) });
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // undici gives an empty chunk at each resume: to pause for it would never end.
    if (chunk.length === 0) return;
    this.#take(controller, () => {
      const held = kept(this.#receiver.onBytes(chunk));
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

  #onHead(head: AnswerHead): void {
    this.#steps.onAnswer();
    this.#head = head;
    this.#receiver.onHead(head);
  }

  #onInterim(status: number): void {
    if (status < 100) {
      throw new ConnectionError(
        `it answered with the impossible status ${String(status).padStart(3, "0")}`,
      );
    }
    if (++this.#interim > mostInterim) {
      throw new ConnectionError("it sent interim answers (1xx) without end");
    }
    this.#steps.onInterim();
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
    if (!(error instanceof ConnectionError)) this.refused = error as Error;
    this.wasCut = error === enoughText;
    if (this.wasCut) this.#resolve(this.#head!);
    else this.#reject(error);
    controller.abort(error as Error);
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
