import { readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import type { Compression } from "./compression.js";
import { Decoder, type Decoded } from "./decoder.js";

/** What a thread unpacks: the file that the main thread has open, which has the same number in all threads. */
export interface PackedInThread {
  /** Null where the main thread gives the compressed bytes. */
  readonly fd: number | null;
  readonly compression: Compression;
}

/** Shared memory that the next bytes belong in. */
export type DecodeRequest = Uint8Array;
export type DecodeReply = Decoded;

/** The next compressed bytes, null at the end: the answer to `WantsMore`. */
export interface MorePacked {
  readonly packed: Uint8Array | null;
}
/** The thread needs compressed bytes to answer what it was asked for. */
export interface WantsMore {
  readonly wantsMore: true;
}

const pieceBytes = 512 * 1024;

const { fd, compression } = workerData as PackedInThread;
let position = 0;
function fromFile(file: number): Uint8Array | null {
  const piece = new Uint8Array(pieceBytes);
  const count = readSync(file, piece, 0, pieceBytes, position);
  position += count;
  return count === 0 ? null : piece.subarray(0, count);
}

/** Gives the decoder the bytes that it waits for; null while it waits for none. */
let give: ((packed: Uint8Array | null) => void) | null = null;
let onWait = (): void => undefined;
const fromMainThread = (): Promise<Uint8Array | null> =>
  new Promise((resolve) => {
    give = resolve;
    onWait();
  });
const waiting = (): Promise<WantsMore> =>
  new Promise((resolve) => {
    onWait = () => resolve({ wantsMore: true });
    if (give !== null) onWait();
  });

const decoder = new Decoder(
  async () => (fd === null ? fromMainThread() : fromFile(fd)),
  compression,
);

let reading: Promise<Decoded>;
async function answer(request: DecodeRequest | MorePacked): Promise<Decoded | WantsMore> {
  if ("packed" in request) {
    const given = give;
    give = null;
    given?.(request.packed);
  } else reading = decoder.read(request);
  return Promise.race([reading, waiting()]);
}

let last: Promise<unknown> = Promise.resolve();

// One after the other: answers are in the order of their requests.
parentPort?.on("message", (request: DecodeRequest | MorePacked) => {
  last = last.then(async () => parentPort?.postMessage(await answer(request)));
});
parentPort?.postMessage("started");
