import type { Socket } from "node:net";

/** Bytes that are on the way for one connection; an empty piece is its end. */
interface Piece {
  readonly bytes: Buffer | null;
  readonly from: Socket;
  readonly to: Socket;
  readonly arrivesAtMs: number;
}

/** How much a router queues before its senders notice. */
const mostQueuedMs = 50;
/** The maximum in flight on one connection, which is Linux's usual TCP window. */
const mostUnderWayBytes = 4 * 1024 * 1024;

/**
 * One direction of a link that all connections share: bytes leave one after the other, at its rate, and arrive
 * `delayMs` later.
 */
export class Wire {
  readonly #bytesPerMs: number;
  readonly #delayMs: number;
  readonly #underWayBytes = new Map<Socket, number>();
  readonly #paused = new Set<Socket>();
  readonly #pieces: Piece[] = [];
  /** The time at which everything that was accepted has left. */
  #freeAtMs = 0;
  #isTiming = false;

  /** @param bytesPerSec Infinity means no limit. */
  constructor(bytesPerSec: number, delayMs: number) {
    this.#bytesPerMs = bytesPerSec / 1000;
    this.#delayMs = delayMs;
  }

  carry(from: Socket, to: Socket): void {
    from.on("data", (bytes: Buffer) => this.#take(bytes, from, to));
    from.on("end", () => this.#take(null, from, to));
    from.on("close", () => {
      this.#underWayBytes.delete(from);
      this.#paused.delete(from);
    });
  }

  #take(bytes: Buffer | null, from: Socket, to: Socket): void {
    const lengthBytes = bytes?.length ?? 0;
    const nowMs = performance.now();
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + lengthBytes / this.#bytesPerMs;
    this.#pieces.push({ bytes, from, to, arrivesAtMs: this.#freeAtMs + this.#delayMs });
    this.#underWayBytes.set(from, (this.#underWayBytes.get(from) ?? 0) + lengthBytes);
    if (this.#isFull(from, nowMs)) {
      from.pause();
      this.#paused.add(from);
    }
    this.#lookSoon();
  }

  #isFull(from: Socket, nowMs: number): boolean {
    const queued = this.#freeAtMs - nowMs > mostQueuedMs;
    return queued || (this.#underWayBytes.get(from) ?? 0) > mostUnderWayBytes;
  }

  readonly #deliver = (): void => {
    const nowMs = performance.now();
    const due = this.#pieces.findIndex(({ arrivesAtMs }) => arrivesAtMs > nowMs);
    const arriving = this.#pieces.splice(0, due < 0 ? Infinity : due);
    for (const piece of arriving) this.#arrive(piece);
    for (const socket of this.#paused) this.#resume(socket, nowMs);
    this.#isTiming = false;
    if (this.#pieces.length > 0 || this.#paused.size > 0) this.#lookSoon();
  };

  #lookSoon(): void {
    if (this.#isTiming) return;
    this.#isTiming = true;
    setTimeout(this.#deliver, 1);
  }

  #arrive({ bytes, from, to }: Piece): void {
    if (bytes === null) {
      to.end();
      return;
    }
    // It counts as in flight until the receiver has it: a receiver that does not read stops its sender.
    to.write(bytes, () => {
      const underWayBytes = this.#underWayBytes.get(from);
      if (underWayBytes !== undefined) this.#underWayBytes.set(from, underWayBytes - bytes.length);
    });
  }

  #resume(socket: Socket, nowMs: number): void {
    if (this.#isFull(socket, nowMs)) return;
    this.#paused.delete(socket);
    socket.resume();
  }
}
