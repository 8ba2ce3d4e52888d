import { createSHA256, type IHasher } from "hash-wasm";
import { piecesOf } from "./blob-pieces.js";
import { crc32 } from "./crc32.js";
import { fileAt } from "./private-path.js";
import {
  unreadable,
  type SyncFile,
  type WorkerReply,
  type WorkerRequest,
  type WorkerStart,
} from "./image-worker-protocol.js";

/** How much of a part file is read at a time. */
const pieceBytes = 1024 * 1024;

interface WorkerScope {
  postMessage(reply: WorkerReply, transfer: readonly ArrayBuffer[]): void;
  onmessage: ((event: MessageEvent<never>) => void) | null;
}
const scope = self as unknown as WorkerScope;

/** Where the image is read from, and written to if it is a download. */
interface ImageFile {
  /**
   * Reads the pieces from `offset` to `end`; fewer bytes if the file ends before. A piece is overwritten when the
   * next one is asked for.
   */
  pieces(offset: number, end: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly sync: SyncFile | null;
}

let hasher: IHasher;
/** The CRC-32 so far of the part whose pieces come from memory. */
let partCrc = 0;
let file: ImageFile;

async function start({ given, state }: WorkerStart): Promise<void> {
  hasher = await createSHA256();
  hasher.init();
  if (state !== null) hasher.load(Uint8Array.from(atob(state), (char) => char.charCodeAt(0)));
  file = given instanceof Blob ? blobFile(given) : await partFile(given);
}

const blobFile = (blob: Blob): ImageFile => ({
  pieces: (offset, end) => piecesOf(blob.slice(offset, end)),
  sync: null,
});

async function partFile(path: readonly string[]): Promise<ImageFile> {
  const handle = await fileAt(await navigator.storage.getDirectory(), path);
  const sync = await (
    handle as unknown as { createSyncAccessHandle(): Promise<SyncFile> }
  ).createSyncAccessHandle();
  const buffer = new Uint8Array(pieceBytes);
  function* pieces(offset: number, end: number): Generator<Uint8Array> {
    for (let at = offset; at < end;) {
      const count = sync.read(buffer.subarray(0, Math.min(pieceBytes, end - at)), { at });
      if (count === 0) return;
      yield buffer.subarray(0, count);
      at += count;
    }
  }
  return { pieces, sync };
}

function take(bytes: Uint8Array, crc?: number): number {
  hasher.update(bytes);
  return crc32(bytes, crc);
}

async function takeFile(
  { offset, lengthBytes }: { readonly offset: number; readonly lengthBytes: number },
  takePiece: typeof crc32,
): Promise<number> {
  let crc = 0;
  let takenBytes = 0;
  for await (const piece of file.pieces(offset, offset + lengthBytes)) {
    crc = takePiece(piece, crc);
    takenBytes += piece.length;
  }
  if (takenBytes < lengthBytes) {
    const message = `the image ends at ${offset + takenBytes}`;
    throw file.sync === null ? new DOMException(message, unreadable) : new Error(message);
  }
  return crc;
}

function stateText(): string {
  return btoa(String.fromCharCode(...hasher.save()));
}

function partOf({ sync }: ImageFile): SyncFile {
  if (sync === null) throw new Error("bug: a source is not written to");
  return sync;
}

function writeAll(sync: SyncFile, offset: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    const count = sync.write(bytes.subarray(done), { at: offset + done });
    if (count === 0) throw new DOMException("nothing was written", "QuotaExceededError");
    done += count;
  }
}

async function work(request: WorkerRequest): Promise<number | string | undefined> {
  switch (request.kind) {
    case "memory":
      return (partCrc = take(request.bytes, request.beginsPart ? 0 : partCrc));
    case "file":
      return takeFile(request, take);
    case "crc32":
      return takeFile(request, crc32);
    case "save":
      return stateText();
    case "finish":
      return hasher.digest("hex");
    case "write":
      writeAll(partOf(file), request.offset, request.bytes);
      return undefined;
    case "truncate":
      partOf(file).truncate(request.sizeBytes);
      return undefined;
    case "flush":
      partOf(file).flush();
      return undefined;
    case "close":
      file.sync?.close();
      return undefined;
  }
}

async function answer(
  work: () => Promise<number | string | undefined>,
  memory?: ArrayBuffer,
): Promise<void> {
  try {
    const value = await work();
    if (memory === undefined) scope.postMessage({ value }, []);
    else scope.postMessage({ value, memory }, [memory]);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    scope.postMessage({ error: { name, message } }, []);
  }
}

// Requests are answered one after another, in the order in which they came; the first is the start.
let started = false;
let turn: Promise<unknown> = Promise.resolve();
scope.onmessage = ({ data }: MessageEvent<WorkerStart | WorkerRequest>) => {
  const next = started
    ? () => answerRequest(data as WorkerRequest)
    : () => answer(() => start(data as WorkerStart).then(() => undefined));
  started = true;
  turn = turn.then(next, next);
};

function answerRequest(request: WorkerRequest): Promise<void> {
  const memory = request.kind === "memory" ? request.bytes.buffer : undefined;
  return answer(() => work(request), memory);
}
