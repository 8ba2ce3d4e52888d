import { DigestFailedError, SourceChangedError } from "@img/transfer";
import { WorkerRefusal } from "./image-worker-client.js";
import { unreadable } from "./image-worker-protocol.js";

/** A file that was changed, moved or deleted: the browser does not read it any more. */
export function sourceChanged(label: string, cause: unknown): SourceChangedError {
  return new SourceChangedError(`${label} cannot be read any more as it was when it was chosen`, {
    cause,
  });
}

/** What a failure of the worker that reads and hashes the file means. */
export function workerError(label: string, cause: Error): Error {
  if (cause instanceof WorkerRefusal && cause.name === unreadable) {
    return sourceChanged(label, cause);
  }
  return new DigestFailedError(`The worker that makes the digest failed: ${cause.message}.`, {
    advice: "Run it again to resume.",
    cause,
  });
}
