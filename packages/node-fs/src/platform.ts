import { constants } from "node:buffer";
import { setMaxListeners } from "node:events";
import { performance } from "node:perf_hooks";
import { crc32 } from "node:zlib";
import type { JournalStore, PartTransport, Platform } from "@img/transfer";
import { systemClock } from "./clock.js";
import { sharedMemory, WorkerDigest } from "./hashing/digest.js";
import { WorkerPartHash } from "./hashing/part-hash.js";
import { LaneThreadPool } from "./threads/lane-thread-pool.js";
import { UndiciTransport } from "./http/transport.js";
import { ProcessorLimit } from "./processors.js";

/**
 * Node as the engine's platform.
 *
 * @param filePath The file that the digest reads where it does not get the bytes from memory.
 * @param threads That send and receive; with 1 it is the calling one.
 */
export function nodePlatform(journals: JournalStore, filePath: string, threads = 1): Platform {
  const processors = new ProcessorLimit();
  const lanes = threads === 1 ? ownThread : new LaneThreadPool(threads);
  return {
    journals,
    openTransport: () => lanes.openTransport(),
    openDigest: () => new WorkerDigest(filePath),
    openPartHash: () => new WorkerPartHash(),
    allocate: sharedMemory,
    expectManyListeners: (signal) => {
      setMaxListeners(0, signal);
    },
    busyMs: () => [lanes.busyMs(), processors.busyMs()],
    mostPartBytes: constants.MAX_LENGTH,
    crc32: crc32Of,
    clock: systemClock,
  };
}

/** zlib counts in 32 bits. */
function crc32Of(bytes: Uint8Array): number {
  let crc = 0;
  for (let at = 0; at < bytes.length; at += crcBytes) {
    crc = crc32(bytes.subarray(at, at + crcBytes), crc);
  }
  return crc;
}

const crcBytes = 1024 ** 3;

/** Lanes in the calling thread. */
const ownThread = {
  openTransport: (): PartTransport => new UndiciTransport(),
  busyMs: (): number => performance.eventLoopUtilization().active,
};
