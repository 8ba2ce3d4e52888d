import type { SfcCore } from "@img/core/core.js";
import {
  downloadImage,
  forgetDownload,
  forgetUpload,
  listTransfers,
  uploadImage,
  type Finding,
  type TransferProgress,
} from "@img/browser-blob";
import { canPickTarget, type Chosen } from "./files.js";
import { errorText } from "./words.js";

/** What a transfer is of, and what it needs to begin. */
export type Task =
  | { readonly kind: "upload"; readonly name: string; readonly image: Chosen | null }
  | {
      readonly kind: "download";
      readonly name: string;
      /** The image's id, where it is known: a name may come to mean another image. */
      readonly id: string | null;
      readonly target: FileSystemFileHandle;
    };

export type TransferState =
  | { readonly at: "waiting" }
  | { readonly at: "running" }
  /** With a word about what was just refused, if something was. */
  | { readonly at: "paused"; readonly why?: string }
  | {
      readonly at: "done";
      readonly sha256: string;
      readonly elapsedMs: number;
      readonly sizeBytes: number;
      /** In this session; what was there before took no time now. */
      readonly movedBytes: number;
      readonly verified: boolean;
    }
  /** Downloaded and verified by an earlier page; it stands in the browser's storage. */
  | { readonly at: "kept"; readonly sizeBytes: number }
  | { readonly at: "failed"; readonly code: string; readonly why: string };

/** What the browser remembers of a transfer. */
export interface Known {
  readonly doneBytes: number;
  readonly sizeBytes: number;
  readonly partsDone: number;
  readonly partsTotal: number;
  /** The file's name, where it was told. */
  readonly file: string | null;
}

interface Moved {
  readonly sha256: string;
  readonly elapsedMs: number;
  readonly sizeBytes: number;
  readonly movedBytes: number;
  readonly verified: boolean;
}

/** One sample of the rate graph each time that progress is told, and how many are kept. */
const mostRates = 160;

/** An upload or download of this page, from its being asked for to its end. */
export class Transfer {
  readonly client: SfcCore;
  task: Task;
  state: TransferState;
  progress: TransferProgress | null = null;
  readonly rates: number[] = [];
  /** What speaks against booting the disk, the worst first. */
  findings: readonly Finding[] = [];
  /** What was there before this run, and again once it is paused. */
  known: Known | null;
  onChange: () => void = () => undefined;
  #stop = new AbortController();

  constructor(client: SfcCore, task: Task, state: TransferState, known: Known | null = null) {
    this.client = client;
    this.task = task;
    this.state = state;
    this.known = known;
  }

  /** The name of the file that has to be chosen before it can resume; null if there is no such file. */
  get missingFile(): string | null {
    if (this.task.kind === "download" || this.task.image !== null) return null;
    return this.known?.file ?? this.task.name;
  }

  /** Whether it is a download into the browser's own storage, from where the user saves it. */
  get isPrivate(): boolean {
    return this.task.kind === "download" && (this.state.at === "kept" || !canPickTarget());
  }

  /** Runs until it is done, paused or failed. Never rejects. */
  async run(): Promise<void> {
    this.#stop = new AbortController();
    this.#become({ at: "running" });
    try {
      this.#become({ at: "done", ...(await this.#move(this.#stop.signal)) });
    } catch (error) {
      if (this.#stop.signal.aborted) await this.#becomePaused();
      else this.#fail(error);
    }
  }

  pause(): void {
    this.#stop.abort();
    if (this.state.at === "waiting") this.#become({ at: "paused" });
  }

  wait(): void {
    this.#become({ at: "waiting" });
  }

  /**
   * Takes a file to resume with, if it can be the one that this upload is of. Its bytes are compared
   * while the upload runs.
   */
  async take(image: Chosen): Promise<boolean> {
    const { size } = image instanceof Blob ? image : await image.getFile();
    const expected = this.known?.sizeBytes ?? size;
    if (this.task.kind === "download") return false;
    if (size !== expected) {
      const [has, wanted] = [size, expected].map((count) => count.toLocaleString("en"));
      const why = `${image.name} is another file: it has ${has} bytes, and this upload is of ${wanted}.`;
      this.#become({ at: "paused", why });
      return false;
    }
    this.task = { ...this.task, image };
    return true;
  }

  /** Forgets what was sent; the unfinished image is deleted too. */
  async forget(): Promise<void> {
    const { task, client, state } = this;
    if (state.at === "done" || state.at === "kept") return;
    if (task.kind === "download") await forgetDownload(task.name, task.target, { client });
    else await forgetUpload(task.name, { client, deleteImage: true });
  }

  async #move(signal: AbortSignal): Promise<Moved> {
    const { client, task } = this;
    const options = {
      client,
      signal,
      onProgress: (progress: TransferProgress): void => this.#told(progress),
    };
    if (task.kind === "download") {
      const result = await downloadImage(task.id ?? task.name, task.target, options);
      return { ...result, movedBytes: result.receivedBytes };
    }
    if (task.image === null) throw new Error("Choose the file first.");
    this.findings = [];
    const onFinding = (finding: Finding): void => {
      this.findings = [...this.findings, finding];
      this.onChange();
    };
    const result = await uploadImage(task.image, { ...options, name: task.name, onFinding });
    return { ...result, movedBytes: result.sentBytes, verified: true };
  }

  #told(progress: TransferProgress): void {
    this.progress = progress;
    this.rates.push(progress.bytesPerSecond);
    if (this.rates.length > mostRates) this.rates.shift();
    this.onChange();
  }

  /** What has arrived is in the journal: some of it after progress was last told. */
  async #becomePaused(): Promise<void> {
    const { kind, name } = this.task;
    const found = await listTransfers().catch(() => []);
    const here = found.find(({ key }) => key.kind === kind && key.name === name);
    if (here !== undefined) {
      this.known = here;
      this.progress = null;
    }
    this.#become({ at: "paused" });
  }

  #fail(error: unknown): void {
    const { code = "UNKNOWN" } = error as { code?: string };
    const { task } = this;
    // The page holds the file as it was chosen: the right one has to be chosen again.
    if (code === "SOURCE_CHANGED" && task.kind === "upload" && task.image instanceof Blob) {
      this.known ??= knownOf(this.progress, task.image.name);
      this.task = { ...task, image: null };
    }
    this.#become({ at: "failed", code, why: errorText(error) });
  }

  #become(state: TransferState): void {
    this.state = state;
    this.onChange();
  }
}

const knownOf = (progress: TransferProgress | null, file: string): Known | null =>
  progress && { ...progress, file };
