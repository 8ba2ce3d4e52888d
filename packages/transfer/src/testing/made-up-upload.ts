import { MiB, partBytesFor, planParts } from "../plan.js";
import type { Clock } from "../ports.js";
import { mostCopiedBytes, worthASecondCopy } from "../request/second-copy.js";
import type { ObservedPart } from "../request/straggler.js";
import { LanePace } from "../run/lane-pace.js";
import { MadeUpQueue, TcpSender, type TcpLink } from "./made-up-tcp.js";
import { randomFrom } from "./random-from.js";

/** Of the process and its calls before the first part may be sent: the process starts, then five round trips. */
const startMs = 350;
const callRoundTrips = 5;
/** After the last part: `complete`, over a connection that stands. */
const endMs = 100;
const youngMs = 2_500;
const handshakeRoundTrips = 2;
const memoryBytes = 256 * MiB;
const stepMs = 10;

/** A part, which may be sent twice. */
interface MovedPart {
  readonly lengthBytes: number;
  hasSecond: boolean;
  isDone: boolean;
}

/** A part on its way over one connection. */
interface Copy {
  readonly part: MovedPart;
  readonly fromMs: number;
  /** Whether its connection carries nothing else before it. */
  readonly isOnNew: boolean;
  leftBytes: number;
}

interface MadeUpLane {
  /** Its connection; null before its first part. */
  tcp: TcpSender | null;
  /** When it may send again: after handshakes, and the wait for an answer. */
  sendsFromMs: number;
  copy: Copy | null;
}

/**
 * A whole upload over a made-up link, with the real rules of the pace and of second copies. Beside uploads over real TCP with
 * the same shapes (`npm run bench -- wan`), its share of the link was off by 0 to 5% of it. It has no BBR.
 */
export class MadeUpUpload {
  readonly #link: TcpLink;
  readonly #queue: MadeUpQueue;
  readonly #lanes: MadeUpLane[] = [];
  readonly #waiting: MovedPart[];
  readonly #longestBytes: number;
  readonly #pace: LanePace;
  readonly #copyTimes: number[] = [];
  #nowMs = startMs;
  #movedBytes = 0;
  #newMsPerByte: number | null = null;
  /** Bytes of the parts of which a second copy was begun. */
  copiedBytes = 0;

  constructor(link: TcpLink, sizeBytes: number, seed: number) {
    this.#link = link;
    this.#queue = new MadeUpQueue(link, randomFrom(seed));
    const parts = planParts(sizeBytes, partBytesFor(sizeBytes, null));
    this.#waiting = parts.map(({ lengthBytes }) => ({
      lengthBytes,
      hasSecond: false,
      isDone: false,
    }));
    this.#longestBytes = parts[0]!.lengthBytes;
    this.#nowMs += callRoundTrips * link.rttMs;
    const clock: Clock = {
      wallMs: () => this.#nowMs,
      monotonicMs: () => this.#nowMs,
      wait: () => Promise.reject(new Error("nothing waits here")),
    };
    this.#pace = new LanePace(clock, 4, 32);
    this.#pace.limit(Math.floor(memoryBytes / this.#longestBytes));
  }

  /**
   * Runs to the end.
   *
   * @param mayCopy Whether parts may be sent twice.
   * @returns How long it took.
   */
  run(mayCopy: boolean = true): number {
    const left = [...this.#waiting];
    for (let step = 0; left.some(({ isDone }) => !isDone); step++) {
      this.#nowMs += stepMs;
      if (step % 10 === 0) this.#look();
      if (mayCopy && step % 25 === 0) this.#copy();
      this.#send();
    }
    return this.#nowMs + this.#link.rttMs + endMs;
  }

  #look(): void {
    const running = this.#lanes.length;
    const atWork = this.#lanes.filter(({ copy }) => copy !== null).length;
    const full = atWork === running;
    const movedBytes = this.#movedBytes;
    this.#pace.observe({ movedBytes, running, full, limited: false, busyMs: () => [] });
    while (this.#lanes.length < this.#pace.lanes && this.#waiting.length > 0) {
      this.#lanes.push({ tcp: null, sendsFromMs: 0, copy: null });
    }
  }

  #send(): void {
    for (const [n, lane] of this.#lanes.entries()) {
      if (lane.copy === null && n < this.#pace.lanes) this.#begin(lane, this.#waiting.shift());
    }
    const sending = this.#lanes.filter(
      ({ copy, sendsFromMs }) => copy !== null && sendsFromMs <= this.#nowMs,
    );
    const sent = this.#queue.send(
      sending.map(({ tcp }) => tcp!),
      this.#nowMs,
      stepMs,
    );
    for (const [n, lane] of sending.entries()) this.#moved(lane, sent[n]!);
    for (let n = this.#lanes.length - 1; n >= this.#pace.lanes; n--) {
      if (this.#lanes[n]!.copy === null && this.#waiting.length > 0) this.#lanes.splice(n, 1);
    }
  }

  #begin(
    lane: MadeUpLane,
    part: MovedPart | undefined,
    isOnNew: boolean = lane.tcp === null,
  ): void {
    if (part === undefined) return;
    const fromMs = this.#nowMs;
    if (isOnNew) {
      lane.tcp = new TcpSender(this.#link);
      lane.sendsFromMs = fromMs + handshakeRoundTrips * this.#roundTripMs;
    }
    lane.copy = { part, fromMs, isOnNew, leftBytes: part.lengthBytes };
    this.#pace.delay.answered("part URL", this.#roundTripMs);
  }

  get #roundTripMs(): number {
    return this.#link.rttMs + this.#queue.queuedMs;
  }

  #moved(lane: MadeUpLane, bytes: number): void {
    const copy = lane.copy!;
    this.#movedBytes += Math.min(bytes, copy.leftBytes);
    copy.leftBytes -= bytes;
    if (copy.leftBytes > 0 && !copy.part.isDone) return;
    if (!copy.part.isDone && copy.isOnNew) {
      const tookMs = this.#nowMs + this.#roundTripMs - copy.fromMs;
      const newMsPerByte = tookMs / copy.part.lengthBytes;
      this.#newMsPerByte = Math.min(this.#newMsPerByte ?? Infinity, newMsPerByte);
    }
    copy.part.isDone = true;
    lane.copy = null;
    lane.sendsFromMs = this.#nowMs + this.#roundTripMs;
  }

  /** What a lane without a part does. */
  #copy(): void {
    const idle = this.#lanes.find(({ copy }) => copy === null);
    if (idle === undefined || this.#waiting.length > 0) return;
    const youngCopies = this.#copyTimes.filter((ms) => this.#nowMs - ms < youngMs).length;
    const { spareBytesPerMs } = this.#pace.rate;
    const most = mostCopiedBytes(this.#movedBytes, this.#longestBytes);
    const observed = this.#lanes
      .flatMap(({ copy }) => copy ?? [])
      .filter(({ part }) => !part.hasSecond && this.copiedBytes + part.lengthBytes <= most)
      .map((copy) => this.#observed(copy));
    const room = { spareBytesPerMs, newMsPerByte: this.#newMsPerByte, youngCopies };
    const worth = worthASecondCopy(observed, room);
    if (worth === null) return;
    worth.part.hasSecond = true;
    this.copiedBytes += worth.lengthBytes;
    this.#copyTimes.push(this.#nowMs);
    this.#begin(idle, worth.part, true);
  }

  #observed({ part, fromMs, leftBytes }: Copy): ObservedPart & { readonly part: MovedPart } {
    const { lengthBytes } = part;
    const reachedBytes = lengthBytes - leftBytes;
    const seenMs = this.#nowMs - fromMs;
    return { part, lengthBytes, reachedBytes, seenBytes: reachedBytes, seenMs, quietMs: 0 };
  }
}
