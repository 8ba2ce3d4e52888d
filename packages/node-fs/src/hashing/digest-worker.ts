import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { crc32 } from "node:zlib";

/** What the main thread asks for; after a first word that it has started, answers come in the same order. */
export type DigestRequest =
  | { readonly kind: "memory"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly offset: number; readonly lengthBytes: number }
  | { readonly kind: "finish" };

export type DigestReply =
  { readonly crc32: number } | { readonly sha256: string } | { readonly error: string };

/** A slice is hashed twice, SHA-256 and CRC-32, while it is in the L2 cache of the core. */
const sliceBytes = 256 * 1024;

const { path } = workerData as { readonly path: string };
const hash = createHash("sha256");
let file: number | null = null;

function takeMemory(bytes: Uint8Array): number {
  let crc = 0;
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    const slice = bytes.subarray(at, at + sliceBytes);
    hash.update(slice);
    crc = crc32(slice, crc);
  }
  return crc;
}

function takeFile(offset: number, lengthBytes: number): number {
  const buffer = new Uint8Array(Math.min(sliceBytes, lengthBytes));
  let crc = 0;
  for (let done = 0; done < lengthBytes;) {
    file ??= openSync(path, "r");
    const wanted = Math.min(buffer.length, lengthBytes - done);
    const count = readSync(file, buffer, 0, wanted, offset + done);
    if (count === 0) throw new Error(`${path} ends before byte ${offset + lengthBytes}`);
    const slice = buffer.subarray(0, count);
    hash.update(slice);
    crc = crc32(slice, crc);
    done += count;
  }
  return crc;
}

function finish(): string {
  if (file !== null) closeSync(file);
  return hash.digest("hex");
}

function reply(request: DigestRequest): DigestReply {
  try {
    if (request.kind === "memory") return { crc32: takeMemory(request.bytes) };
    if (request.kind === "file") return { crc32: takeFile(request.offset, request.lengthBytes) };
    return { sha256: finish() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (request: DigestRequest) => parentPort?.postMessage(reply(request)));
parentPort?.postMessage("started");
