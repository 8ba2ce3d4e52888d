import { parentPort, workerData } from "node:worker_threads";
import { RunningHash, type FilledPart } from "./running-hash.js";

/** What the main thread asks for; after a first word that it has started, answers come in the same order. */
export type DigestRequest =
  | { readonly kind: "memory"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly offset: number; readonly lengthBytes: number }
  | { readonly kind: "fill"; readonly offset: number; readonly into: Uint8Array }
  | { readonly kind: "finish" };

export type DigestReply =
  | { readonly crc32: number }
  | { readonly filled: FilledPart | null }
  | { readonly sha256: string }
  | { readonly error: string };

const { path } = workerData as { readonly path: string };
const hash = new RunningHash(path);

function reply(request: DigestRequest): DigestReply {
  try {
    if (request.kind === "memory") return { crc32: hash.takeMemory(request.bytes) };
    if (request.kind === "file")
      return { crc32: hash.takeFile(request.offset, request.lengthBytes) };
    if (request.kind === "fill") return { filled: hash.fillFrom(request.offset, request.into) };
    return { sha256: hash.finish() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (request: DigestRequest) => parentPort?.postMessage(reply(request)));
parentPort?.postMessage("started");
