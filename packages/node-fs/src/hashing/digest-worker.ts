import { parentPort } from "node:worker_threads";
import { RunningHash, type DigestQuestion } from "./running-hash.js";

/** What the main thread asks for; after a first message that it has started, answers come in the same order. */
export type DigestRequest = DigestQuestion & {
  /** Which of the digests that this thread makes; the first request of each begins it. */
  readonly digest: number;
  /** The file that it reads. */
  readonly path: string;
};

const hashes = new Map<number, RunningHash>();

parentPort?.on("message", (request: DigestRequest) => {
  const { digest, path, kind } = request;
  const hash = hashes.get(digest) ?? new RunningHash(path);
  hashes.set(digest, hash);
  if (kind === "close") hashes.delete(digest);
  parentPort?.postMessage(hash.answer(request));
});
parentPort?.postMessage("started");
