import { longestFileIn, type FileSystem } from "@img/files";
import { StoreFullError } from "../objects/image-bytes.js";

/** The space that is kept for records and manifests when there is none left for parts. */
const SPARE_BYTES = 64 * 1024 ** 2;
/** The bytes of a part that may arrive before the free space is checked again. */
const WINDOW_BYTES = 1024 ** 2;
/** A part that takes longer than this for a window reserves no space for the rest. */
const LAPSE_MS = 60_000;

/** The reserved space of one part that is arriving. */
export interface Room {
  /**
   * Notes that this many of its bytes have arrived.
   *
   * @throws {StoreFullError} Other parts have taken the space meanwhile.
   */
  arrived(bytes: number): void;
  /** Releases the space. Call it once the part has settled. */
  release(): void;
}

/** Counts the space of parts, so that neither a quota nor the disk runs out in the middle of one. */
export interface Space {
  /**
   * Reserves space for a part: for what has arrived and a little more, since a client may declare any size.
   *
   * @throws {StoreFullError} There is no space for all of it now.
   */
  reserve(account: string, declaredBytes: number): Promise<Room>;
  /** Adds bytes that are stored, or (negative) removes deleted ones. */
  add(account: string, bytes: number): void;
}

export interface SpaceLimits {
  readonly maxStoreBytes: number;
  readonly maxAccountBytes: number;
}

/** A part that is arriving, as last checked. */
interface Held {
  readonly account: string;
  readonly declaredBytes: number;
  arrivedBytes: number;
  /** The granted bytes, including the window. */
  grantedBytes: number;
  grantedMs: number;
}

export class CountedSpace implements Space {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #limits: SpaceLimits;
  readonly #nowMs: () => number;
  readonly #stored = new Map<string, number>();
  readonly #underWay = new Set<Held>();

  /** @param nowMs A clock that never goes back. */
  constructor(
    fs: FileSystem,
    dir: string,
    limits: SpaceLimits,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#fs = fs;
    this.#dir = dir;
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  add(account: string, bytes: number): void {
    this.#stored.set(account, (this.#stored.get(account) ?? 0) + bytes);
  }

  async reserve(account: string, declaredBytes: number): Promise<Room> {
    await this.#requireLength(declaredBytes);
    this.#requireQuota(account, declaredBytes);
    const held = { account, declaredBytes, arrivedBytes: 0, grantedBytes: 0, grantedMs: 0 };
    this.#grant(held);
    this.#underWay.add(held);
    try {
      await this.#requireDisk(declaredBytes - held.grantedBytes);
    } catch (error) {
      this.#underWay.delete(held);
      throw error;
    }
    return this.#roomOf(held);
  }

  #heldBy(held: Held): number {
    const hasLapsed = this.#nowMs() - held.grantedMs > LAPSE_MS;
    return hasLapsed ? held.arrivedBytes : held.grantedBytes;
  }

  /**
   * Checks the quotas.
   *
   * @throws {StoreFullError} With `more` bytes of the account, what is stored and reserved exceeds a quota.
   */
  #requireQuota(account: string, more: number): void {
    let [all, own] = [more, more];
    for (const [name, bytes] of this.#stored) {
      all += bytes;
      if (name === account) own += bytes;
    }
    for (const held of this.#underWay) {
      all += this.#heldBy(held);
      if (held.account === account) own += this.#heldBy(held);
    }
    refuseAbove("store", this.#limits.maxStoreBytes, all);
    refuseAbove("account", this.#limits.maxAccountBytes, own);
  }

  /**
   * Checks the length of a file.
   *
   * @throws {StoreFullError} The file system, or a limit of this process, allows only shorter files.
   */
  async #requireLength(bytes: number): Promise<void> {
    const { mostBytes, of, advice } = await longestFileIn(this.#dir);
    if (bytes <= mostBytes) return;
    throw new StoreFullError(
      `A part of ${bytes} bytes is too long: ${mostBytes} are the most for a file of ${of}. ${advice}`,
    );
  }

  async #requireDisk(bytes: number): Promise<void> {
    const unwritten = [...this.#underWay].map((held) =>
      Math.max(0, this.#heldBy(held) - held.arrivedBytes),
    );
    const wanted = unwritten.reduce((sum, one) => sum + one, bytes);
    if ((await this.#fs.freeBytes(this.#dir)) >= wanted + SPARE_BYTES) return;
    throw new StoreFullError("The server's disk is full: delete images or make room.");
  }

  #grant(held: Held): void {
    held.grantedBytes = Math.min(held.declaredBytes, held.arrivedBytes + WINDOW_BYTES);
    held.grantedMs = this.#nowMs();
  }

  #roomOf(held: Held): Room {
    return {
      arrived: (bytes) => {
        const heldBytes = this.#heldBy(held);
        held.arrivedBytes = bytes;
        if (bytes <= heldBytes) return;
        this.#grant(held);
        this.#requireQuota(held.account, 0);
      },
      release: () => void this.#underWay.delete(held),
    };
  }
}

function refuseAbove(whose: string, maxBytes: number, bytes: number): void {
  if (bytes <= maxBytes) return;
  throw new StoreFullError(`The ${whose}'s quota of ${maxBytes} bytes is used up: delete images.`);
}
