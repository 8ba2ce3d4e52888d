import { readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import type { Disk, DiskFile, DiskFormat } from "@img/disk-formats";
import { nodeUnpackersHere } from "./unpackers.js";

/** The file that a thread reads: the main thread has it open, and its descriptor is valid in all threads. */
export interface DiskInThread {
  readonly fd: number;
  readonly sizeBytes: number;
  readonly format: DiskFormat;
}

/** A range of the disk, and the shared memory to read it into. */
export interface DiskRequest {
  readonly offset: number;
  readonly into: Uint8Array;
}

/** Whether it was read. If not, the main thread reads it itself, and gets the error. */
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
    disk ??= await open(); // requests are handled one after the other, so it is opened once
    await disk.read(offset, into, never);
    return true;
  } catch {
    return false;
  }
}

// Requests are handled one after the other, so that answers have the order of the requests.
parentPort?.on("message", (request: DiskRequest) => {
  last = last
    .then(async () => parentPort?.postMessage(await reply(request)))
    .catch(() => process.exit(1)); // ends this thread, so that the main thread gets an error
});
parentPort?.postMessage("started");
