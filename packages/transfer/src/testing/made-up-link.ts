import { LanePace } from "../run/lane-pace.js";
import { SliceSize } from "../run/slice-size.js";
import { MiB } from "../plan.js";
import type { Clock } from "../ports.js";
import { randomFrom } from "./random-from.js";
import { Threads, unlimited, type Machine } from "./made-up-machine.js";

/** A link to an object store, as far as the number of lanes can be felt on it. */
export interface Link {
  readonly name: string;
  readonly bytesPerSecond: number;
  readonly rttMs: number;
  /** What one connection gets at most, whatever the link has. */
  readonly connectionBytesPerSecond?: number;
  /** Share of the packets that get lost. */
  readonly loss?: number;
  /** The store answers 503 to a part that comes while so many are running. */
  readonly storeTakes?: number;
}

const packetBytes = 1_460;
/** What a usual system keeps in flight for one connection. */
const windowBytes = 4 * MiB;
const partBytes = 16 * MiB;

/** Steady rate of one connection alone: window, loss (Mathis et al., 1997) and what the store allows. */
function connectionRate({ rttMs, loss, connectionBytesPerSecond }: Link): number {
  const byWindow = windowBytes / (rttMs / 1000);
  const byLoss =
    loss === undefined ? Infinity : (1.22 * packetBytes) / ((rttMs / 1000) * Math.sqrt(loss));
  return Math.min(byWindow, byLoss, connectionBytesPerSecond ?? Infinity);
}

/** The most that so many lanes can get out of link and machine, with a round trip for each part's answer. */
export function reachable(link: Link, maxLanes: number, machine: Machine = unlimited): number {
  const partSec = partBytes / connectionRate(link) + link.rttMs / 1000;
  const lanes = Math.min(maxLanes, link.storeTakes ?? Infinity);
  return Math.min(
    link.bytesPerSecond,
    (lanes * partBytes) / partSec,
    machine.threads * machine.threadBytesPerSecond,
    machine.digestBytesPerSecond,
  );
}

interface MadeUpLane {
  readonly thread: number;
  /** What the connection could carry now; it doubles each round trip until it is at its rate. */
  rate: number;
  /** When it resumes: after a round trip for an answer, or the wait after a 503. */
  idleUntilMs: number;
  leftBytes: number;
  /** Sent, and not told yet: bytes are told by the slice. */
  untoldBytes: number;
  readonly slices: SliceSize;
  sliceBytes: number;
  sending: boolean;
}

/** Runs the real pace over a made-up link, on a clock of its own. */
export class Simulation {
  readonly #link: Link;
  readonly #random: () => number;
  readonly #lanes: MadeUpLane[] = [];
  readonly #threads: Threads;
  readonly #stepMs: number;
  #nowMs = 0;
  #toldBytes = 0;
  sentBytes = 0;
  readonly pace: LanePace;
  readonly #clock: Clock = {
    wallMs: () => this.#nowMs,
    monotonicMs: () => this.#nowMs,
    wait: () => Promise.reject(new Error("nothing waits here")),
  };

  constructor(link: Link, maxLanes: number, seed: number, machine: Machine = unlimited) {
    this.#link = link;
    this.#threads = new Threads(machine);
    this.#stepMs = Math.min(10, link.rttMs);
    this.#random = randomFrom(seed);
    this.pace = new LanePace(this.#clock, 4, maxLanes);
  }

  /** @returns Bytes per second over this time. */
  run(forMs: number): number {
    const fromBytes = this.sentBytes;
    for (const untilMs = this.#nowMs + forMs; this.#nowMs < untilMs;) this.#step();
    return ((this.sentBytes - fromBytes) / forMs) * 1000;
  }

  #step(): void {
    this.#nowMs += this.#stepMs;
    if (this.#nowMs % 100 === 0) {
      this.pace.observe({
        movedBytes: this.#toldBytes,
        running: this.#lanes.length,
        full: true,
        limited: false,
        busyMs: () => this.#threads.busyMs(),
      });
    }
    this.#adjust();
    for (const lane of this.#lanes) this.#begin(lane);
    const sending = this.#lanes.filter((lane) => lane.sending);
    const shares = this.#threads.shares(sending);
    const rates = sending.map((lane, n) => lane.rate * shares[n]!);
    const wanted = rates.reduce((sum, rate) => sum + rate, 0);
    const scale = Math.min(1, this.#link.bytesPerSecond / Math.max(1, wanted));
    for (const [n, lane] of sending.entries()) this.#send(lane, rates[n]! * scale);
  }

  /** Lanes that are too many end after their part. */
  #adjust(): void {
    while (this.#lanes.length < this.pace.lanes) this.#lanes.push(this.#newLane());
    for (let n = this.#lanes.length - 1; n >= this.pace.lanes; n--) {
      if (this.#lanes[n]!.leftBytes > 0) continue;
      for (const { thread } of this.#lanes.splice(n, 1)) this.#threads.giveBack(thread);
    }
  }

  #newLane(): MadeUpLane {
    const idleUntilMs = this.#nowMs + 2 * this.#link.rttMs; // TCP and TLS
    const slices = new SliceSize(this.#clock);
    const rate = (10 * packetBytes) / (this.#link.rttMs / 1000);
    const thread = this.#threads.take();
    return {
      thread,
      rate,
      idleUntilMs,
      leftBytes: 0,
      untoldBytes: 0,
      slices,
      sliceBytes: 0,
      sending: false,
    };
  }

  #begin(lane: MadeUpLane): void {
    if (lane.sending || this.#nowMs < lane.idleUntilMs) return;
    if (lane.leftBytes === 0) this.#take(lane);
    const underWay = this.#lanes.filter((other) => other.sending).length;
    if (underWay >= (this.#link.storeTakes ?? Infinity)) {
      this.pace.slowDown(this.#lanes.length);
      lane.idleUntilMs = this.#nowMs + this.#link.rttMs + this.#random() * 1_000;
      return;
    }
    lane.sending = true;
  }

  #take(lane: MadeUpLane): void {
    lane.leftBytes = partBytes;
    lane.slices.begin();
    lane.sliceBytes = lane.slices.take();
  }

  #send(lane: MadeUpLane, rate: number): void {
    const noise = 0.8 + 0.4 * this.#random();
    const bytes = Math.min(lane.leftBytes, (rate * noise * this.#stepMs) / 1000);
    this.sentBytes += bytes;
    this.#threads.moved(lane.thread, bytes);
    lane.leftBytes -= bytes;
    lane.untoldBytes += bytes;
    lane.rate = Math.min(
      connectionRate(this.#link),
      lane.rate * 2 ** (this.#stepMs / this.#link.rttMs),
    );
    this.#tell(lane);
    if (lane.leftBytes > 0) return;
    lane.sending = false;
    lane.idleUntilMs = this.#nowMs + this.#link.rttMs;
  }

  #tell(lane: MadeUpLane): void {
    const isLast = lane.leftBytes === 0;
    if (!isLast && lane.untoldBytes < lane.sliceBytes) return;
    this.#toldBytes += lane.untoldBytes;
    lane.slices.moved(Math.ceil(lane.untoldBytes));
    if (!isLast) lane.sliceBytes = lane.slices.take();
    lane.untoldBytes = 0;
  }
}
