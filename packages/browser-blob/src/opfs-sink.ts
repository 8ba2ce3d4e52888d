import {
  DiskError,
  TargetUnusableError,
  TransferLockedError,
  type Sink,
  type SinkSize,
} from "@img/transfer";
import { ImageWorker } from "./image-worker-client.js";
import type { WorkerRequest } from "./image-worker-protocol.js";
import { findPartFile, type PartFile } from "./part-file.js";
import { checkSpace } from "./private-space.js";
import { takeTabLock, type TabLock } from "./tab-lock.js";

/** The part file of a download, in the origin's private file system, until it becomes the target. */
export interface OpfsSink extends Sink {
  /** Reads and writes the part file; started when it is first needed. */
  worker(digestState: string | null): ImageWorker;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * Finds or creates the part file of a download.
 *
 * @param target In the origin's private file system, or picked by the user, who was asked about
 *   replacing what is there.
 * @throws {TargetUnusableError} The page may not write there (any more).
 * @throws {TransferLockedError} Another tab has the same download running.
 */
export async function openOpfsSink(target: FileSystemFileHandle, scope: string): Promise<OpfsSink> {
  await checkWritable(target);
  const lock = await takeTabLock(`img part ${scope}`, false);
  if (lock === null) throw new TransferLockedError(null, false);
  try {
    return new PartSink(target, await findPartFile(scope), lock);
  } catch (error) {
    await lock.release();
    throw diskError(error, target.name);
  }
}

interface AskedHandle {
  queryPermission?(descriptor: { readonly mode: "readwrite" }): Promise<PermissionState>;
}

async function checkWritable(target: FileSystemFileHandle): Promise<void> {
  const state = await (target as AskedHandle).queryPermission?.({ mode: "readwrite" });
  if (state === undefined || state === "granted") return;
  throw new TargetUnusableError(`The page may not write to ${target.name}.`, {
    advice: "Ask with requestPermission() at a click first.",
  });
}

class PartSink implements OpfsSink {
  readonly label: string;
  readonly identity: string;
  readonly #target: FileSystemFileHandle;
  readonly #part: PartFile;
  readonly #lock: TabLock;
  #worker: ImageWorker | null = null;
  #sizeBytes = 0;

  constructor(target: FileSystemFileHandle, part: PartFile, lock: TabLock) {
    this.label = target.name;
    this.identity = part.identity;
    this.#target = target;
    this.#part = part;
    this.#lock = lock;
  }

  worker(digestState: string | null): ImageWorker {
    this.#worker ??= new ImageWorker({ given: this.#part.path, state: digestState });
    return this.#worker;
  }

  /** It was found, or made, when its tab's lock was taken. */
  open(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async prepare({ sizeBytes, missingBytes }: SinkSize, keep: boolean): Promise<void> {
    if (!keep) await this.#ask({ kind: "truncate", sizeBytes: 0 });
    await checkSpace(missingBytes);
    this.#sizeBytes = sizeBytes;
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#ask({ kind: "write", offset, bytes: bytes.slice() });
  }

  async sync(): Promise<void> {
    await this.#ask({ kind: "flush" });
  }

  async commit(): Promise<void> {
    await this.#ask({ kind: "truncate", sizeBytes: this.#sizeBytes });
    await this.#ask({ kind: "flush" });
    await this.#closeWorker();
    try {
      await this.#part.become(this.#target);
    } catch (error) {
      throw diskError(error, this.label);
    }
  }

  async discard(): Promise<void> {
    await this.#closeWorker();
    await this.#part.remove();
  }

  async close(): Promise<void> {
    try {
      await this.#closeWorker();
    } finally {
      await this.#lock.release();
    }
  }

  /** Closes the part file: while the worker has it open, the browser lets nothing else open it. */
  async #closeWorker(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    if (worker === null) return;
    await worker.ask({ kind: "close" }).catch(() => undefined); // its end closes it too
    worker.end();
  }

  async #ask(request: WorkerRequest): Promise<void> {
    try {
      await this.worker(null).ask(request);
    } catch (error) {
      throw diskError(error, this.label);
    }
  }
}

function diskError(cause: unknown, label: string): DiskError | TargetUnusableError {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  if (name === "NotSupportedError") {
    return new TargetUnusableError(
      "This browser cannot write to its private file system, in which a download is kept until it is verified.",
      { advice: "Use another browser.", cause },
    );
  }
  const isFull = name === "QuotaExceededError";
  const why = isFull ? "the browser gives this site no more space" : message;
  const advice = isFull ? "Free some, and run it again to resume." : undefined;
  return new DiskError(`Could not write ${label}: ${why}.`, { advice, cause });
}
