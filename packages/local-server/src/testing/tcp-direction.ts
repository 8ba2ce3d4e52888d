import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** How one direction of a connection is treated. */
export interface Treatment {
  /**
   * Ends the connection after this many bytes: with an RST or a FIN to the client, or in silence, with both
   * sockets open and unread.
   */
  readonly cut?:
    | {
        /** The bytes, counted from the beginning of the connection. */
        readonly afterBytes: number;
        /** How it ends. */
        readonly by: Ending;
      }
    | undefined;
  /** The maximum length of a piece. Each piece is sent as its own segment. */
  readonly segmentBytes?: number | undefined;
  /** The delay of each piece, which does not slow down those behind it. A function is called for each piece. */
  readonly latencyMs?: number | (() => number) | undefined;
  /** The maximum rate. @default no limit */
  readonly bytesPerSec?: number | undefined;
  /** The byte, counted from 0, whose lowest bit is flipped. */
  readonly flipBitAt?: number | undefined;
}

/** How a connection ends: an RST, a FIN, or silence with both sockets open. */
export type Ending = "reset" | "fin" | "silence";

/** Passes bytes in one direction. */
export class Direction {
  bytes = 0;
  treatment: Treatment;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #cut: (by: Ending) => void;
  readonly #gone: AbortSignal;
  #stopped = false;
  /** The last piece that is being sent. */
  #sending: Promise<void> = Promise.resolve();
  #underWayBytes = 0;

  constructor(
    from: Socket,
    to: Socket,
    treatment: Treatment,
    cut: (by: Ending) => void,
    gone: AbortSignal,
  ) {
    this.#from = from;
    this.#to = to;
    this.treatment = treatment;
    this.#cut = cut;
    this.#gone = gone;
    from.on("data", (chunk: Buffer) => this.#take(chunk));
    from.on("end", () => this.#inTurn(async () => void this.#to.end()));
  }

  stop(): void {
    this.#stopped = true;
  }

  #take(chunk: Buffer): void {
    if (this.#stopped) return;
    const { latencyMs = 0 } = this.treatment;
    const dueMs = performance.now() + (typeof latencyMs === "number" ? latencyMs : latencyMs());
    this.#underWayBytes += chunk.length;
    if (this.#underWayBytes > mostUnderWay) this.#from.pause();
    this.#inTurn(async () => {
      await this.#waitUntil(dueMs);
      await this.#pass(chunk);
      this.#underWayBytes -= chunk.length;
      if (!this.#stopped) this.#from.resume();
    });
  }

  #inTurn(work: () => Promise<void>): void {
    this.#sending = this.#sending.then(() => (this.#stopped ? undefined : work()));
    this.#sending = this.#sending.catch(() => undefined); // the connection is gone
  }

  async #pass(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length && !this.#stopped;) {
      const { cut, segmentBytes = Infinity, bytesPerSec = Infinity } = this.treatment;
      const leftBytes = Math.max(0, (cut?.afterBytes ?? Infinity) - this.bytes);
      const atOnce = Math.max(1, Math.floor(bytesPerSec / 100));
      const piece = chunk.subarray(at, at + Math.min(segmentBytes, leftBytes, atOnce));
      if (piece.length > 0) await this.#send(piece);
      at += piece.length;
      if (cut !== undefined && this.bytes >= cut.afterBytes) this.#cut(cut.by);
      await this.#waitUntil(performance.now() + (piece.length / bytesPerSec) * 1000);
    }
  }

  async #send(piece: Buffer): Promise<void> {
    const flip = (this.treatment.flipBitAt ?? -1) - this.bytes;
    if (flip >= 0 && flip < piece.length) piece[flip]! ^= 1;
    this.bytes += piece.length;
    await new Promise<void>((resolve) => this.#to.write(piece, () => resolve()));
  }

  async #waitUntil(dueMs: number): Promise<void> {
    const leftMs = dueMs - performance.now();
    if (leftMs > 0) await wait(leftMs, undefined, { signal: this.#gone });
  }
}

/** The bytes that a slow direction buffers before it stops reading. */
const mostUnderWay = 1024 * 1024;
