import { constants } from "node:buffer";
import { setMaxListeners } from "node:events";
import { crc32 } from "node:zlib";
import type { JournalStore, Platform, TransferOptions, TransferTask } from "@img/transfer";
import { serviceOf, type ServiceOptions } from "./client.js";
import { systemClock } from "./clock.js";
import { sharedMemory, WorkerDigest } from "./hashing/digest.js";
import { WorkerPartHash } from "./hashing/part-hash.js";
import { noJournals, type JournalOptions } from "./journals/journal-store.js";
import { linksOf } from "./journals/known-links.js";
import { ownMachine, type Machine } from "./machine.js";
import { tracedPiece } from "./tracing.js";

/**
 * Node as the engine's platform.
 *
 * @param filePath The file from which the digest reads what it does not get from memory.
 * @param threads How many threads send and receive; 1 is the calling thread.
 */
export const nodePlatform = (journals: JournalStore, filePath: string, threads = 1): Platform =>
  platformOn(ownMachine(threads), { journals, openDigest: () => new WorkerDigest(filePath) });

/** What differs from transfer to transfer. */
interface OwnPorts {
  /** @default none: it cannot be resumed */
  readonly journals?: JournalStore;
  /** @default one that gets all bytes from memory */
  readonly openDigest?: Platform["openDigest"];
}

/** What a transfer is given beside its options: the service, the platform, and its share of the budgets. */
export const taskOn = (
  machine: Machine,
  options: ServiceOptions & JournalOptions & Pick<TransferOptions, "workspace">,
  ports: OwnPorts = {},
): TransferTask => ({
  ...serviceOf(options.client, options.workspace),
  platform: { ...platformOn(machine, ports), ...linksOf(options, machine.disk) },
  share: machine.share,
});

function platformOn(
  machine: Machine,
  { journals = noJournals, openDigest = () => new WorkerDigest("", machine.digests) }: OwnPorts,
): Platform {
  return {
    journals,
    openTransport: () => machine.openTransport(),
    openDigest,
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
function crc32Of(bytes: Uint8Array, seed = 0): number {
  let crc = seed;
  for (let at = 0; at < bytes.length; at += crcBytes) {
    crc = crc32(bytes.subarray(at, at + crcBytes), crc);
  }
  return crc;
}

const crcBytes = 1024 ** 3;
