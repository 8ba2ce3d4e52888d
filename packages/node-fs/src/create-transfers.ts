import { setMaxListeners } from "node:events";
import {
  Budgets,
  kept,
  type BudgetOptions,
  type DownloadResult,
  type Share,
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
export const createTransfers = (options: SharedOptions = {}): Transfers =>
  new SharedTransfers(options);

class SharedTransfers implements Transfers {
  readonly #options: SharedOptions;
  readonly #machine: SharedMachine;
  readonly #budgets: Budgets;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #closed: Promise<void> | null = null;

  constructor(options: SharedOptions) {
    this.#options = options;
    this.#budgets = new Budgets({ allocate: sharedMemory, clock: systemClock }, options);
    this.#machine = new SharedMachine(options.threads);
    setMaxListeners(0, this.#closing.signal);
  }

  upload(input: UploadInput, options: Own<UploadImageOptions> = {}): Promise<UploadResult> {
    return this.#run(options, (own, machine) => uploadAny(input, own, machine));
  }

  download(
    idOrName: string,
    output: DownloadOutput,
    options: Own<DownloadImageOptions> = {},
  ): Promise<DownloadResult> {
    return this.#run(options, (own, machine) => downloadAny(idOrName, output, own, machine));
  }

  verify(
    path: string,
    idOrName: string,
    options: Own<VerifyImageOptions> = {},
  ): Promise<VerifyResult> {
    return this.#run(options, (own, machine) => verifyFile(path, idOrName, own, machine));
  }

  resume(name: string, options: Own<ResumeUploadOptions> = {}): Promise<UploadResult> {
    return this.#run(options, (own, machine) => resumeWith(name, own, machine));
  }

  list(options: Own<TransfersOptions> = {}): Promise<readonly UnfinishedTransfer[]> {
    const { stateDir } = this.#options;
    return this.#kept(() => listTransfers({ ...options, stateDir }));
  }

  forget(name: string, options: Own<ForgetOptions> = {}): Promise<void> {
    const { client, workspace, stateDir } = this.#options;
    return this.#kept(() => forgetUpload(name, { workspace, ...options, client, stateDir }));
  }

  close(): Promise<void> {
    return (this.#closed ??= kept(this.#close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#closing.abort(new DOMException("The transfers were closed.", "AbortError"));
    await Promise.allSettled(this.#running);
    await this.#machine.close();
  }

  #run<Options extends Pick<TransferOptions, "signal" | "workspace">, T>(
    options: Options,
    work: (
      options: Options & SharedOptions & { signal: AbortSignal },
      machine: Machine,
    ) => Promise<T>,
  ): Promise<T> {
    const given = options.signal === undefined ? [] : [options.signal];
    const signal = AbortSignal.any([this.#closing.signal, ...given]);
    const { workspace, ...shared } = this.#options;
    const own = { ...options, ...shared, workspace: options.workspace ?? workspace, signal };
    const withShare = (share: Share): Promise<T> => work(own, this.#machine.for(share));
    return this.#kept(() => this.#budgets.run(signal, withShare));
  }

  async #kept<T>(work: () => Promise<T>): Promise<T> {
    this.#closing.signal.throwIfAborted();
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }
}
