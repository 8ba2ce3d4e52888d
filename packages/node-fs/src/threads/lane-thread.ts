import { Worker } from "node:worker_threads";
import { kept } from "@img/transfer";
import { laneWorkerScript } from "./lane-worker-script.js";
import type { FromThread, FromTurn, ToThread } from "./messages.js";

/** Who follows a lane of a thread. */
export interface Follower {
  told(turn: number, message: FromTurn): void;
  /** The thread has closed the lane, or is gone. */
  ended(): void;
}

/** A thread that runs lanes, as the engine's thread sees it. */
export class LaneThread {
  readonly #worker = new Worker(laneWorkerScript(), { eval: true, execArgv: [] });
  readonly #followers = new Map<number, Follower>();
  /** A thread that is ended while it loads its file leaves that open. */
  readonly #started: Promise<void>;
  #gone = false;

  constructor() {
    this.#started = kept(
      new Promise((resolve) => {
        this.#worker.once("message", () => {
          resolve();
          this.#worker.on("message", (message: FromThread) => this.#onMessage(message));
        });
        this.#worker.once("exit", () => resolve());
      }),
    );
    this.#worker.on("error", () => this.#end());
    this.#worker.on("exit", () => this.#end());
  }

  get gone(): boolean {
    return this.#gone;
  }

  get lanes(): number {
    return this.#followers.size;
  }

  /** See `Platform.busyMs`. */
  get busyMs(): number {
    return this.#worker.performance.eventLoopUtilization().active;
  }

  follow(lane: number, follower: Follower): void {
    this.#followers.set(lane, follower);
  }

  tell(message: ToThread): void {
    if (!this.#gone) this.#worker.postMessage(message);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#started;
    await this.#worker.terminate();
  }

  #onMessage(message: FromThread): void {
    const follower = this.#followers.get(message.lane);
    if (message.is !== "closed") follower?.told(message.turn, message);
    else {
      this.#followers.delete(message.lane);
      follower?.ended();
    }
  }

  #end(): void {
    this.#gone = true;
    const followers = [...this.#followers.values()];
    this.#followers.clear();
    for (const follower of followers) follower.ended();
  }
}
