import { readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import type { Disk, DiskFile, DiskFormat } from "@img/disk-formats";
import { nodeUnpackersHere } from "./unpackers.js";

/** What a thread reads from: the file that the main thread has open, which has the same number in all threads. */
export interface DiskInThread {
  readonly fd: number;
  readonly sizeBytes: number;
  readonly format: DiskFormat;
}

/** A stretch of the disk, and the shared memory that it belongs in. */
export interface DiskRequest {
  readonly offset: number;
  readonly into: Uint8Array;
}

/** Whether it was read. Why not, the main thread finds out by reading it itself. */
export type DiskReply = boolean;

const { fd, sizeBytes, format } = workerData as DiskInThread;
const never = new AbortController().signal;

const file: DiskFile = {
  sizeBytes,
  read: async (offset, into) => {
    for (let done = 0; done < into.length;) {
      const count = readSync(fd, into, done, into.length - done, offset + done);
      if (count === 0) throw new Error("the file is shorter than it was");
      done += count;
    }
  },
};

async function open(): Promise<Disk> {
  const { openDisk, portableUnpackers } = await import("@img/disk-formats");
  return openDisk(file, { format, unpackers: nodeUnpackersHere(portableUnpackers) });
}

let disk: Disk | undefined;
let last: Promise<void> = Promise.resolve();

async function reply({ offset, into }: DiskRequest): Promise<DiskReply> {
  try {
    disk ??= await open(); // requests come one after the other: it is opened once
    await disk.read(offset, into, never);
    return true;
  } catch {
    return false;
  }
}

// One after the other: answers are in the order of their requests.
parentPort?.on("message", (request: DiskRequest) => {
  last = last
    .then(async () => parentPort?.postMessage(await reply(request)))
    .catch(() => process.exit(1)); // the main thread is told that this thread has ended
});
parentPort?.postMessage("started");
