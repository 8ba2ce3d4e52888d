import { readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import type { Compression } from "./compression.js";
import { Decoder, type Decoded } from "./decoder.js";

/** What a thread unpacks: the file that the main thread has open, which has the same number in all threads. */
export interface PackedInThread {
  readonly fd: number;
  readonly compression: Compression;
}

/** Shared memory that the next bytes belong in. */
export type DecodeRequest = Uint8Array;
export type DecodeReply = Decoded;

const pieceBytes = 512 * 1024;

const { fd, compression } = workerData as PackedInThread;
let position = 0;
const decoder = new Decoder(async () => {
  const piece = new Uint8Array(pieceBytes);
  const count = readSync(fd, piece, 0, pieceBytes, position);
  position += count;
  return count === 0 ? null : piece.subarray(0, count);
}, compression);

let last: Promise<unknown> = Promise.resolve();

// One after the other: answers are in the order of their requests.
parentPort?.on("message", (into: DecodeRequest) => {
  last = last.then(async () => parentPort?.postMessage(await decoder.read(into)));
});
parentPort?.postMessage("started");
