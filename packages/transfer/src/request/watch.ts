import type { Clock } from "../ports.js";
import { linkedController } from "../promises/together.js";

export interface IdleRules {
  /** No byte moved for this long: a stall. */
  readonly stallMs: number;
  /** No answer for this long after the last byte went out. */
  readonly answerMs: number;
}

/** Why a watch ended a request. */
export type IdleReason = "stall" | "no-answer" | "slept" | "replaced";

/**
 * Ends a request that is idle: no byte moves, or no answer comes. How long it takes in all does not matter. Its
 * signal aborts when the outer one does, or when an idle rule is broken; `ended` then says which.
 */
export class Watch {
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #rules: IdleRules;
  readonly #controller: AbortController;
  readonly #unlink: () => void;
  readonly #stopTicking = new AbortController();
  #idleMs = 0;
  #waitingForAnswer = false;
  #ended: IdleReason | null = null;
  #paused = 0;

  constructor(clock: Clock, rules: IdleRules, outer: AbortSignal) {
    this.#clock = clock;
    this.#rules = rules;
    const link = linkedController(outer);
    this.#controller = link.controller;
    this.#unlink = link.unlink;
    this.signal = link.controller.signal;
    this.#tick().catch(() => undefined); // it ends by being stopped
  }

  get ended(): IdleReason | null {
    return this.#ended;
  }

  moved(): void {
    this.#idleMs = 0;
    this.#waitingForAnswer = false;
  }

  /** Tells that everything was sent: from now on the rule for the answer counts, until something moves. */
  awaitAnswer(): void {
    this.#idleMs = 0;
    this.#waitingForAnswer = true;
  }

  /** Waiting for our own rate limiter is no stall. */
  async unwatched<T>(wait: () => Promise<T>): Promise<T> {
    this.#paused++;
    try {
      return await wait();
    } finally {
      this.#paused--;
      this.#idleMs = 0;
    }
  }

  /** Tells that the request has settled. Waits that belong to it, such as for memory, end. */
  stop(): void {
    this.#unlink();
    this.#controller.abort(new Error("the request has settled"));
    this.#stopTicking.abort();
  }

  /**
   * Counts idle time in ticks. A tick counts at most twice its length, so that a blocked event loop does not
   * look like a stall. If the wall clock ran ahead of the monotonic clock, the machine slept.
   */
  async #tick(): Promise<void> {
    const tickMs = Math.min(1000, this.#rules.stallMs / 4);
    for (;;) {
      const wallMs = this.#clock.wallMs();
      const monotonicMs = this.#clock.monotonicMs();
      await this.#clock.wait(tickMs, this.#stopTicking.signal);
      const passedMs = this.#clock.monotonicMs() - monotonicMs;
      const jumpMs = this.#clock.wallMs() - wallMs - passedMs;
      if (jumpMs > sleepMs || passedMs > tickMs + sleepMs * 6) this.end("slept");
      else if (this.#paused === 0) this.#idle(Math.min(passedMs, 2 * tickMs));
    }
  }

  #idle(ms: number): void {
    this.#idleMs += ms;
    if (this.#waitingForAnswer && this.#idleMs >= this.#rules.answerMs) this.end("no-answer");
    else if (!this.#waitingForAnswer && this.#idleMs >= this.#rules.stallMs) this.end("stall");
  }

  /** Ends the request. The first reason counts. */
  end(reason: IdleReason): void {
    this.#ended ??= reason;
    this.#controller.abort(new Error(`the request was given up: ${reason}`));
  }
}

/** Longer than any correction of a clock during a transfer, shorter than any sleep that breaks a connection. */
const sleepMs = 5_000;
