import type { FileSystem } from "@img/files";

/** The quota or the disk has no room for a part. */
export class StoreFullError extends Error {
  override readonly name = "StoreFullError";
  readonly code = "STORE_FULL";
}

/** Records and manifests must still find room when parts no longer do. */
const SPARE_BYTES = 64 * 1024 ** 2;
/** What a part may send before it is looked again whether there is room. */
const WINDOW_BYTES = 1024 ** 2;
/** A part that takes longer for a window holds no room for what it has not sent. */
const LAPSE_MS = 60_000;

/** Room for one part that is on its way. */
export interface Room {
  /** So many of its bytes have come. @throws {StoreFullError} Others have taken the room meanwhile. */
  arrived(bytes: number): void;
  /** To be called once the part has settled. */
  release(): void;
}

/** Counts what the parts take, so that neither quota nor disk runs out in the middle of one. */
export interface Space {
  /**
   * Holds room for a part: for what has come of it and a little more, since a client may declare anything.
   *
   * @throws {StoreFullError} All of it would not fit now.
   */
  reserve(account: string, declaredBytes: number): Promise<Room>;
  /** Counts bytes that have come to stay, or (negative) have gone. */
  add(account: string, bytes: number): void;
}

export interface SpaceLimits {
  readonly maxStoreBytes: number;
  readonly maxAccountBytes: number;
}

/** A part on its way, as it was last looked at. */
interface Held {
  readonly account: string;
  readonly declaredBytes: number;
  arrivedBytes: number;
  /** With the window. */
  grantedBytes: number;
  grantedMs: number;
}

/** @param nowMs Never goes back. */
export function space(
  fs: FileSystem,
  dir: string,
  limits: SpaceLimits,
  nowMs: () => number = () => performance.now(),
): Space {
  const stored = new Map<string, number>();
  const underWay = new Set<Held>();
  const heldBy = (held: Held) =>
    nowMs() - held.grantedMs > LAPSE_MS ? held.arrivedBytes : held.grantedBytes;

  /** @throws {StoreFullError} With what is stored and held, `more` bytes of the account are over a quota. */
  const requireQuota = (account: string, more: number) => {
    let [all, own] = [more, more];
    for (const [name, bytes] of stored) {
      all += bytes;
      if (name === account) own += bytes;
    }
    for (const held of underWay) {
      all += heldBy(held);
      if (held.account === account) own += heldBy(held);
    }
    refuseAbove("store", limits.maxStoreBytes, all);
    refuseAbove("account", limits.maxAccountBytes, own);
  };

  const requireDisk = async (bytes: number) => {
    const unwritten = [...underWay].map((held) => Math.max(0, heldBy(held) - held.arrivedBytes));
    const wanted = unwritten.reduce((sum, one) => sum + one, bytes);
    if ((await fs.freeBytes(dir)) >= wanted + SPARE_BYTES) return;
    throw new StoreFullError("The server's disk is full: delete images or make room.");
  };

  const grant = (held: Held) => {
    held.grantedBytes = Math.min(held.declaredBytes, held.arrivedBytes + WINDOW_BYTES);
    held.grantedMs = nowMs();
  };

  const roomOf = (held: Held): Room => ({
    arrived(bytes) {
      const heldBytes = heldBy(held);
      held.arrivedBytes = bytes;
      if (bytes <= heldBytes) return;
      grant(held);
      requireQuota(held.account, 0);
    },
    release: () => void underWay.delete(held),
  });

  return {
    add(account, bytes) {
      stored.set(account, (stored.get(account) ?? 0) + bytes);
    },
    async reserve(account, declaredBytes) {
      requireQuota(account, declaredBytes);
      const held = { account, declaredBytes, arrivedBytes: 0, grantedBytes: 0, grantedMs: 0 };
      grant(held);
      underWay.add(held);
      try {
        await requireDisk(declaredBytes - held.grantedBytes);
      } catch (error) {
        underWay.delete(held);
        throw error;
      }
      return roomOf(held);
    },
  };
}

function refuseAbove(whose: string, maxBytes: number, bytes: number): void {
  if (bytes <= maxBytes) return;
  throw new StoreFullError(`The ${whose}'s quota of ${maxBytes} bytes is used up: delete images.`);
}
