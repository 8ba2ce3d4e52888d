import type { SfcCore } from "@img/core/core.js";
import {
  downloadImage,
  forgetDownload,
  forgetUpload,
  uploadImage,
  type DownloadResult,
  type TransferProgress,
  type UploadResult,
} from "@img/browser-blob";
import { errorText } from "./words.js";

/** What a transfer is of, and what it needs to begin. */
export type Task =
  | {
      readonly kind: "upload";
      readonly name: string;
      readonly image: Blob | FileSystemFileHandle | null;
    }
  | { readonly kind: "download"; readonly name: string; readonly target: FileSystemFileHandle };

export type TransferState =
  | { readonly at: "waiting" }
  | { readonly at: "running" }
  | { readonly at: "paused" }
  | {
      readonly at: "done";
      readonly sha256: string;
      readonly elapsedMs: number;
      readonly sizeBytes: number;
      readonly verified: boolean;
    }
  | { readonly at: "failed"; readonly code: string; readonly why: string };

/** One sample of the rate graph each time that progress is told, and how many are kept. */
const mostRates = 160;

/** An upload or download of this page, from its being asked for to its end. */
export class Transfer {
  readonly client: SfcCore;
  task: Task;
  state: TransferState;
  progress: TransferProgress | null = null;
  readonly rates: number[] = [];
  /** Bytes that are there from before, until the first progress tells. */
  readonly known: {
    readonly doneBytes: number;
    readonly sizeBytes: number;
    readonly partsDone: number;
    readonly partsTotal: number;
  } | null;
  onChange: () => void = () => undefined;
  #stop = new AbortController();

  constructor(client: SfcCore, task: Task, state: TransferState, known: Transfer["known"] = null) {
    this.client = client;
    this.task = task;
    this.state = state;
    this.known = known;
  }

  /** Runs until it is done, paused or failed. Never rejects. */
  async run(): Promise<void> {
    this.#stop = new AbortController();
    this.#become({ at: "running" });
    try {
      const { sha256, elapsedMs, sizeBytes, ...result } = await this.#move(this.#stop.signal);
      const verified = this.task.kind === "upload" || result.verified;
      this.#become({ at: "done", sha256, elapsedMs, sizeBytes, verified });
    } catch (error) {
      if (this.#stop.signal.aborted) this.#become({ at: "paused" });
      else this.#become({ at: "failed", code: codeOf(error), why: errorText(error) });
    }
  }

  pause(): void {
    this.#stop.abort();
    if (this.state.at === "waiting") this.#become({ at: "paused" });
  }

  wait(): void {
    this.#become({ at: "waiting" });
  }

  /** Forgets what was sent; the half-made image goes, too. */
  async forget(): Promise<void> {
    const { task, client, state } = this;
    if (state.at === "done") return;
    if (task.kind === "download") await forgetDownload(task.name, task.target, { client });
    else await forgetUpload(task.name, { client, deleteImage: true });
  }

  async #move(signal: AbortSignal): Promise<UploadResult | DownloadResult> {
    const { client, task } = this;
    const onProgress = (progress: TransferProgress): void => this.#told(progress);
    if (task.kind === "download") {
      return downloadImage(task.name, task.target, { client, signal, onProgress });
    }
    if (task.image === null) throw new Error("Choose the file first.");
    return uploadImage(task.image, { client, signal, onProgress, name: task.name });
  }

  #told(progress: TransferProgress): void {
    this.progress = progress;
    this.rates.push(progress.bytesPerSecond);
    if (this.rates.length > mostRates) this.rates.shift();
    this.onChange();
  }

  #become(state: TransferState): void {
    this.state = state;
    this.onChange();
  }
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? "UNKNOWN";
