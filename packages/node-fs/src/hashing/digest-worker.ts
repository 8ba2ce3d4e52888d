import { parentPort } from "node:worker_threads";
import { RunningHash, type FilledPart } from "./running-hash.js";
import { messageOf } from "../files/message-of.js";

/** What the main thread asks for; after a first word that it has started, answers come in the same order. */
export type DigestRequest = DigestQuestion & {
  /** Which of the digests that this thread makes; the first request of each begins it. */
  readonly digest: number;
  /** The file that it reads. */
  readonly path: string;
};

export type DigestQuestion =
  | { readonly kind: "memory"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly offset: number; readonly lengthBytes: number }
  | { readonly kind: "fill"; readonly offset: number; readonly into: Uint8Array }
  | { readonly kind: "finish" }
  | { readonly kind: "close" };

export type DigestReply =
  | { readonly crc32: number }
  | { readonly filled: FilledPart | null }
  | { readonly sha256: string }
  | { readonly closed: true }
  | { readonly error: string };

const hashes = new Map<number, RunningHash>();

function hashOf({ digest, path }: DigestRequest): RunningHash {
  const hash = hashes.get(digest) ?? new RunningHash(path);
  hashes.set(digest, hash);
  return hash;
}

function reply(request: DigestRequest): DigestReply {
  const hash = hashOf(request);
  try {
    switch (request.kind) {
      case "memory":
        return { crc32: hash.takeMemory(request.bytes) };
      case "file":
        return { crc32: hash.takeFile(request.offset, request.lengthBytes) };
      case "fill":
        return { filled: hash.fillFrom(request.offset, request.into) };
      case "finish":
        return { sha256: hash.finish() };
      case "close":
        hash.close();
        hashes.delete(request.digest);
        return { closed: true };
    }
  } catch (error) {
    return { error: messageOf(error) };
  }
}

parentPort?.on("message", (request: DigestRequest) => parentPort?.postMessage(reply(request)));
parentPort?.postMessage("started");
