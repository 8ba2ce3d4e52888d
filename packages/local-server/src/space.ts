import type { FileSystem } from "@img/files";

/** The quota or the disk has no room for a part. */
export class StoreFullError extends Error {
  override readonly name = "StoreFullError";
  readonly code = "STORE_FULL";
}

/** Records and manifests must still find room when parts no longer do. */
const SPARE_BYTES = 64 * 1024 ** 2;

/** Counts what the parts take, so that neither quota nor disk runs out in the middle of one. */
export interface Space {
  /** Holds room for a part that is on its way; call what it resolves to once it has settled. */
  reserve(bytes: number): Promise<() => void>;
  /** Counts bytes that have come to stay, or (negative) have gone. */
  add(bytes: number): void;
}

export function space(fs: FileSystem, dir: string, maxBytes: number): Space {
  let stored = 0;
  let underWay = 0;
  return {
    add: (bytes) => {
      stored += bytes;
    },
    async reserve(bytes) {
      underWay += bytes;
      const release = () => {
        underWay -= bytes;
      };
      if (stored + underWay > maxBytes) {
        release();
        throw new StoreFullError(
          `The store's quota of ${maxBytes} bytes is used up: delete images.`,
        );
      }
      if ((await fs.freeBytes(dir)) < underWay + SPARE_BYTES) {
        release();
        throw new StoreFullError("The server's disk is full: delete images or make room.");
      }
      return release;
    },
  };
}
