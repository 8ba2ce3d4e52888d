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
export class LaneThread extends Thread<FromThread> {
  readonly #followers = new Map<number, Follower>();

  constructor() {
    super(laneWorkerScript());
  }

  get lanes(): number {
    return this.#followers.size;
  }

  follow(lane: number, follower: Follower): void {
    this.#followers.set(lane, follower);
  }

  tell(message: ToThread): void {
    this.send(message);
  }

  protected override onMessage(message: FromThread): void {
    if (message.is === "closed") this.#end(message.lane);
    else this.#followers.get(message.lane)?.told(message.turn, message);
  }

  protected override onEnd(): void {
    for (const lane of [...this.#followers.keys()]) this.#end(lane);
  }

  #end(lane: number): void {
    const follower = this.#followers.get(lane);
    this.#followers.delete(lane);
    follower?.ended();
  }
}
