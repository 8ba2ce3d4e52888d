import { laneWorkerScript } from "./lane-worker-script.js";
import type { FromThread, FromTurn, ToThread } from "./messages.js";
import { Thread } from "./thread.js";

/** Who follows a lane of a thread. */
export interface Follower {
  told(turn: number, message: FromTurn): void;
  /** The thread has closed the lane, or is gone. */
  ended(): void;
}

/** A thread that runs lanes, as the engine's thread sees it. */
export class LaneThread {
  readonly #followers = new Map<number, Follower>();
  readonly #thread = new Thread<FromThread>(laneWorkerScript(), null, {
    onMessage: (message) => {
      if (message.is === "closed") this.#end(message.lane);
      else this.#followers.get(message.lane)?.told(message.turn, message);
    },
    onEnd: () => {
      for (const lane of [...this.#followers.keys()]) this.#end(lane);
    },
  });

  get gone(): boolean {
    return this.#thread.gone;
  }

  get lanes(): number {
    return this.#followers.size;
  }

  /** See `Platform.busyMs`. */
  get busyMs(): number {
    return this.#thread.busyMs;
  }

  follow(lane: number, follower: Follower): void {
    this.#followers.set(lane, follower);
  }

  tell(message: ToThread): void {
    this.#thread.tell(message);
  }

  /** Idempotent. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  #end(lane: number): void {
    const follower = this.#followers.get(lane);
    this.#followers.delete(lane);
    follower?.ended();
  }
}
