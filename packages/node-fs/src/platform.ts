import { setMaxListeners } from "node:events";
import { performance } from "node:perf_hooks";
import { crc32 } from "node:zlib";
import type { JournalStore, Platform } from "@img/transfer";
import { systemClock } from "./clock.js";
import { WorkerDigest } from "./digest.js";
import { WorkerPartHash } from "./part-hash.js";
import { LazyTransport } from "./lazy-transport.js";

/**
 * Node as the engine's platform.
 *
 * @param filePath The file that the digest reads where it does not get the bytes from memory.
 */
export function nodePlatform(journals: JournalStore, filePath: string): Platform {
  return {
    journals,
    openTransport: () => new LazyTransport(),
    openDigest: () => new WorkerDigest(filePath),
    openPartHash: () => new WorkerPartHash(),
    // Shared, so that the digest's thread sees the bytes without a copy.
    allocate: (bytes) => new Uint8Array(new SharedArrayBuffer(bytes)),
    expectManyListeners: (signal) => {
      setMaxListeners(0, signal);
    },
    busyMs: () => performance.eventLoopUtilization().active,
    crc32: (bytes) => crc32(bytes),
    clock: systemClock,
  };
}
