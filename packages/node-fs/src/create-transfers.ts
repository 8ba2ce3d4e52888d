import { setMaxListeners } from "node:events";
import {
  Budgets,
  kept,
  type BudgetOptions,
  type DownloadResult,
  type TransferOptions,
  type UnfinishedTransfer,
  type UploadResult,
  type VerifyResult,
} from "@img/transfer";
import { systemClock } from "./clock.js";
import type { ServiceOptions } from "./client.js";
import { downloadAny, type DownloadImageOptions, type DownloadOutput } from "./download.js";
import { sharedMemory } from "./hashing/digest.js";
import type { StateDirOptions } from "./journals/state-dir.js";
import { SharedMachine, type Machine } from "./machine.js";
import type { ThreadOptions } from "./threads/thread-options.js";
import {
  forgetUpload,
  listTransfers,
  resumeWith,
  type ForgetOptions,
  type ResumeUploadOptions,
  type TransfersOptions,
} from "./transfers.js";
import { uploadAny, type UploadImageOptions, type UploadInput } from "./upload.js";
import { verifyFile, type VerifyImageOptions } from "./verify-image.js";

/** What the transfers of {@link createTransfers} have together. Each has a default. */
export interface SharedOptions
  extends BudgetOptions, ThreadOptions, ServiceOptions, StateDirOptions {
  /** The workspace of the images, unless a call names another. @default the client's */
  readonly workspace?: string | undefined;
}

/** The options of one call: those of the function for one transfer, without what all transfers share. */
type Own<Options> = Omit<Options, Exclude<keyof SharedOptions, "workspace">>;

/** Transfers that share memory, lanes, connections, threads and a rate limit. Each call is independent of the others. */
export interface Transfers extends AsyncDisposable {
  /** Does what the function `upload` does. */
  upload(input: UploadInput, options?: Own<UploadImageOptions>): Promise<UploadResult>;
  /** Does what the function `download` does. */
  download(
    idOrName: string,
    output: DownloadOutput,
    options?: Own<DownloadImageOptions>,
  ): Promise<DownloadResult>;
  /** Does what `verifyImage` does. */
  verify(path: string, idOrName: string, options?: Own<VerifyImageOptions>): Promise<VerifyResult>;
  /** Does what `listTransfers` does. */
  list(options?: Own<TransfersOptions>): Promise<readonly UnfinishedTransfer[]>;
  /** Does what `resumeUpload` does. */
  resume(name: string, options?: Own<ResumeUploadOptions>): Promise<UploadResult>;
  /** Does what `forgetUpload` does. */
  forget(name: string, options?: Own<ForgetOptions>): Promise<void>;
  /**
   * Aborts what still runs, waits until it has ended, and closes connections and threads. Calls that were aborted, and
   * later ones, reject with an `AbortError`. Idempotent.
   */
  close(): Promise<void>;
}

/**
 * Makes transfers that share one budget: memory, lanes, connections, threads and the rate limit are those of all
 * together. Call it once, start all transfers at once, and close it at the end: they begin in the order of the calls,
 * as many at the same time as it takes to use the link. One that fails does not stop the others.
 *
 * @throws {InvalidOptionError} An option is out of range.
 */
export function createTransfers({ workspace, ...shared }: SharedOptions = {}): Transfers {
  const budgets = new Budgets({ allocate: sharedMemory, clock: systemClock }, shared);
  const machine = new SharedMachine(shared.threads);
  const calls = new Calls();
  const run = <Options extends Pick<TransferOptions, "signal" | "workspace">, T>(
    options: Options,
    work: (options: Options & SharedOptions, machine: Machine) => Promise<T>,
  ): Promise<T> => {
    const signal = AbortSignal.any([calls.signal, options.signal ?? calls.signal]);
    const own = { ...options, ...shared, workspace: options.workspace ?? workspace, signal };
    return calls.run(() => budgets.run(signal, (share) => work(own, machine.for(share))));
  };
  const { client, stateDir } = shared;
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => (closed ??= kept(calls.abort().then(() => machine.close())));
  return {
    upload: (input, options = {}) => run(options, (own, on) => uploadAny(input, own, on)),
    download: (idOrName, output, options = {}) =>
      run(options, (own, on) => downloadAny(idOrName, output, own, on)),
    verify: (path, idOrName, options = {}) =>
      run(options, (own, on) => verifyFile(path, idOrName, own, on)),
    resume: (name, options = {}) => run(options, (own, on) => resumeWith(name, own, on)),
    list: (options = {}) => calls.run(() => listTransfers({ ...options, stateDir })),
    forget: (name, options = {}) =>
      calls.run(() => forgetUpload(name, { workspace, ...options, client, stateDir })),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The calls that run, until all are aborted. */
class Calls {
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly signal: AbortSignal = this.#abort.signal;

  constructor() {
    setMaxListeners(0, this.signal);
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Resolves when none is left. */
  async abort(): Promise<void> {
    this.#abort.abort(new DOMException("The transfers were closed.", "AbortError"));
    await Promise.allSettled(this.#running);
  }
}
