import {
  etaMs,
  limitedBy,
  observe,
  startProgress,
  type LaneState,
  type ProgressState,
  type TransferPhase,
  type TransferProgress,
} from "../progress.js";
import type { Part } from "../plan.js";
import type { Clock } from "../ports.js";

/** What one lane is doing. The lane writes it, the meter reads it for display. */
export class LaneMeter {
  state: LaneState = "taking";
  /** Bytes of the lane's part that have moved in this try. */
  reachedBytes = 0;
  /** When the present try began to move bytes, and how much of the part earlier tries had moved. */
  tryFrom: { readonly ms: number; readonly bytes: number } = { ms: 0, bytes: 0 };
}

/** Counts what a run moves, and tells it as progress. */
export class Meter {
  readonly #clock: Clock;
  readonly #onArrived: (part: Part) => void;
  readonly lanes: Set<LaneMeter> = new Set<LaneMeter>();
  #progress: ProgressState;
  #sizeBytes = 0;
  #sizeKnown = true;
  #partsTotal = 0;
  #partsDone = 0;
  #doneBytes = 0;
  /** Bytes of the parts that have moved and wait for their receipt, by number. */
  readonly #landed = new Map<number, number>();
  /** All bytes that moved in this run, failed tries included. */
  movedBytes = 0;
  /** Bytes of parts that got a receipt in this run. */
  arrivedBytes = 0;

  constructor(clock: Clock, onArrived: (part: Part) => void = () => undefined) {
    this.#clock = clock;
    this.#onArrived = onArrived;
    this.#progress = startProgress(clock.monotonicMs());
  }

  /** Sets the size, before there is a plan. */
  expect(sizeBytes: number): void {
    this.#sizeBytes = sizeBytes;
  }

  plan(parts: readonly Part[], done: ReadonlyMap<number, unknown>): void {
    this.#partsTotal = parts.length;
    this.#partsDone = this.#doneBytes = 0;
    this.#sizeBytes = parts.reduce((sum, part) => sum + part.lengthBytes, 0);
    for (const part of parts) if (done.has(part.number)) this.#count(part);
  }

  /** Plans an input of unknown size. Parts that have a receipt count as full length until they are read. */
  planStream(receipts: ReadonlyMap<number, unknown> = new Map(), partBytes: number = 0): void {
    this.plan([], new Map());
    this.#sizeKnown = false;
    this.#partsTotal = this.#partsDone = receipts.size;
    this.#sizeBytes = this.#doneBytes = receipts.size * partBytes;
  }

  /** Corrects the length of a part that was counted as full length. */
  shrink(bytes: number): void {
    this.#sizeBytes -= bytes;
    this.#doneBytes -= bytes;
  }

  /** Adds a part to a plan of unknown size. */
  grow(part: Part): void {
    this.#partsTotal++;
    this.#sizeBytes += part.lengthBytes;
  }

  /** Ends a plan of unknown size: the last part was read. */
  ended(): void {
    this.#sizeKnown = true;
  }

  moved(lane: LaneMeter, bytes: number): void {
    this.movedBytes += bytes;
    lane.reachedBytes += bytes;
  }

  /** The part, or a piece of it, has been moved; its lane continues before there is a receipt. */
  landed(lane: LaneMeter, { number, lengthBytes }: Part, pieceBytes: number = lengthBytes): void {
    lane.reachedBytes = 0;
    this.#landed.set(number, (this.#landed.get(number) ?? 0) + pieceBytes);
  }

  /** The part has its receipt. */
  arrived(part: Part): void {
    this.#landed.delete(part.number);
    this.#count(part);
    this.arrivedBytes += part.lengthBytes;
    this.#onArrived(part);
  }

  #count(part: Part): void {
    this.#partsDone++;
    this.#doneBytes += part.lengthBytes;
  }

  /** Whether every lane has a part to work on. */
  get full(): boolean {
    return [...this.lanes].every(({ state }) => state !== "taking" && state !== "idle");
  }

  /** Lanes that have a part to work on. */
  get atWork(): number {
    return [...this.lanes].filter(({ state }) => state !== "taking" && state !== "idle").length;
  }

  /** Parts that have not moved yet; of a stream, as far as it was read. */
  get partsLeft(): number {
    return this.#partsTotal - this.#partsDone - this.#landed.size;
  }

  look(buffersOut: boolean, rateLimited: boolean): void {
    this.#progress = observe(this.#progress, {
      nowMs: this.#clock.monotonicMs(),
      movedBytes: this.movedBytes,
      laneStates: [...this.lanes].map((lane) => lane.state),
      buffersOut,
      rateLimited,
    });
  }

  tell(phase: TransferPhase, digestedBytes: number): TransferProgress {
    const busy = [...this.lanes].filter((lane) => lane.reachedBytes > 0);
    const reached = [...busy.map((lane) => lane.reachedBytes), ...this.#landed.values()];
    // A stream that began again passes over parts that have their receipts.
    const inFlightBytes = Math.min(
      reached.reduce((sum, bytes) => sum + bytes, 0),
      this.#sizeBytes - this.#doneBytes,
    );
    const moves = phase === "moving" || phase === "verifying";
    return {
      phase,
      sizeBytes: this.#sizeKnown ? this.#sizeBytes : 0,
      doneBytes: this.#doneBytes,
      inFlightBytes,
      digestedBytes,
      partsDone: this.#partsDone,
      partsTotal: this.#partsTotal,
      partsInFlight: Math.min(busy.length + this.#landed.size, this.#partsTotal - this.#partsDone),
      lanes: this.lanes.size,
      bytesPerSecond: moves ? this.#progress.rate : 0,
      etaMs:
        moves && this.#sizeKnown
          ? etaMs(this.#progress, this.#sizeBytes - this.#doneBytes - inFlightBytes)
          : null,
      limitedBy: moves ? limitedBy(this.#progress) : null,
    };
  }
}
