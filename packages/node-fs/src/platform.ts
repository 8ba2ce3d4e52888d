import { constants } from "node:buffer";
import { setMaxListeners } from "node:events";
import { crc32 } from "node:zlib";
import type { JournalStore, Platform } from "@img/transfer";
import { systemClock } from "./clock.js";
import { sharedMemory, WorkerDigest } from "./hashing/digest.js";
import { WorkerPartHash } from "./hashing/part-hash.js";
import { ownMachine, type Machine } from "./machine.js";
import { tracedPiece } from "./tracing.js";

/**
 * Node as the engine's platform.
 *
 * @param filePath The file from which the digest reads what it does not get from memory.
 * @param threads How many threads send and receive; 1 is the calling thread.
 */
export const nodePlatform = (journals: JournalStore, filePath: string, threads = 1): Platform =>
  platformOn(ownMachine(threads), journals, filePath);

/** The platform of one transfer, with the connections and threads that it may use. */
export function platformOn(machine: Machine, journals: JournalStore, filePath: string): Platform {
  return {
    journals,
    openTransport: () => machine.openTransport(),
    openDigest: () => new WorkerDigest(filePath, machine.digests),
    openPartHash: () => new WorkerPartHash(),
    allocate: sharedMemory,
    expectManyListeners: (signal) => {
      setMaxListeners(0, signal);
    },
    busyMs: () => machine.busyMs(),
    mostPartBytes: constants.MAX_LENGTH,
    crc32: crc32Of,
    traced: tracedPiece,
    clock: systemClock,
  };
}

/** CRC-32 in pieces, since zlib takes lengths of 32 bits. */
function crc32Of(bytes: Uint8Array): number {
  let crc = 0;
  for (let at = 0; at < bytes.length; at += crcBytes) {
    crc = crc32(bytes.subarray(at, at + crcBytes), crc);
  }
  return crc;
}

const crcBytes = 1024 ** 3;
