import type { PartTransport } from "../ports.js";
import type { Run } from "./run.js";
import { LaneMeter } from "./meter.js";
import { SliceSize } from "./slice-size.js";

/** One of the concurrent movers: a connection of its own, and what it is doing. */
export interface Lane {
  readonly transport: PartTransport;
  readonly meter: LaneMeter;
  /** Whether its connection has had an answer; one more request over it needs no handshake. */
  isConnected: boolean;
  /** Whether each request is sent over a new connection. */
  readonly renews: boolean;
  /** The size of slices, which is learned from try to try. */
  readonly slices: SliceSize;
}

/** Opens a lane with a connection of its own. The caller closes it. */
export const openLane = (run: Run): Lane => ({
  transport: run.platform.openTransport(),
  meter: new LaneMeter(),
  isConnected: false,
  renews: false,
  slices: new SliceSize(run.clock),
});

/** Takes and moves the next part. @returns false when there is none left. */
export type MoveNext = (lane: Lane) => Promise<boolean>;

/** Runs as many lanes as the pace says. Each has a connection of its own, and closes it at its end. */
export class Lanes {
  readonly #run: Run;
  readonly #spawn: (task: () => Promise<void>) => void;
  readonly #moveNext: MoveNext;
  readonly #numbers = new Set<number>();
  #first: Lane | null;
  #exhausted = false;
  #told = 0;

  /** @param first An open lane that takes the first part; null for none. */
  constructor(
    run: Run,
    spawn: (task: () => Promise<void>) => void,
    moveNext: MoveNext,
    first: Lane | null = null,
  ) {
    this.#run = run;
    this.#first = first;
    this.#spawn = spawn;
    this.#moveNext = moveNext;
    this.adjust();
  }

  /** Starts or ends lanes so that their number is the pace's. A lane ends after its present part. */
  adjust(): void {
    this.#tell();
    for (let number = 0; number < this.#run.pace.lanes; number++) {
      if (this.#exhausted || this.#numbers.has(number)) continue;
      this.#numbers.add(number);
      this.#spawn(() => this.#work(number));
    }
  }

  #tell(): void {
    const { lanes } = this.#run.pace;
    const formerLanes = this.#told;
    if (lanes === formerLanes) return;
    this.#told = lanes;
    this.#run.options.tell({ event: "lanes", lanes, formerLanes });
  }

  async #work(number: number): Promise<void> {
    const lane = this.#first ?? openLane(this.#run);
    this.#first = null;
    this.#run.meter.lanes.add(lane.meter);
    try {
      while (number < this.#run.pace.lanes && !this.#exhausted) {
        lane.meter.state = "taking";
        lane.meter.reachedBytes = 0;
        if (!(await this.#moveNext(lane))) this.#exhausted = true;
      }
    } finally {
      this.#run.meter.lanes.delete(lane.meter);
      this.#numbers.delete(number);
      await lane.transport.close();
    }
  }
}
