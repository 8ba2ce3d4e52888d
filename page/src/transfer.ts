import type { SfcCore } from "@img/core/core.js";
import {
  downloadImage,
  forgetDownload,
  forgetUpload,
  inspectImage,
  listTransfers,
  uploadImage,
  type InspectedImage,
  type TransferProgress,
} from "@img/browser-blob";
import { failureOf, sizeRefusal } from "./failure.js";
import { canPickTarget, isOpened, isUrl, type Chosen } from "./files.js";
import type { Known, Moved, Task, TransferState } from "./transfer-state.js";
import { bytes } from "./words.js";

/** How many samples of the rate are kept for the graph; there is one for each progress event. */
const mostRates = 160;

/** An upload or download of this page, from the request to its end. */
export class Transfer {
  readonly client: SfcCore;
  task: Task;
  state: TransferState;
  progress: TransferProgress | null = null;
  readonly rates: number[] = [];
  /** The result of inspecting an upload's file; null before. */
  inspected: InspectedImage | null = null;
  /** What the journal had before this run, or when it was paused. */
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
    const isMissing = this.task.kind === "upload" && this.task.image === null;
    return isMissing && this.knownUrl === null ? this.fileName : null;
  }

  /** The URL that an upload began with; null if it had a query, which is not kept. */
  get knownUrl(): URL | null {
    const { fileName } = this;
    return fileName !== null && isUrl(fileName) && !fileName.includes("?")
      ? new URL(fileName)
      : null;
  }

  /** The file name of an upload; null for a download. */
  get fileName(): string | null {
    const { task, known } = this;
    return task.kind === "upload" ? (known?.file ?? task.image?.name ?? task.name) : null;
  }

  /** Whether it is a download into the browser's own storage, from where the user saves it. */
  get isPrivate(): boolean {
    return this.task.kind === "download" && (this.state.at === "kept" || !canPickTarget());
  }

  /** The bytes that a removal would discard. */
  get doneBytes(): number {
    const { at } = this.state;
    if (at === "done" || at === "kept") return 0;
    return this.progress?.doneBytes ?? this.known?.doneBytes ?? 0;
  }

  /** Whether nothing was sent or fetched yet, so that the name can still change. */
  get isNew(): boolean {
    return this.task.kind === "upload" && this.known === null && this.progress === null;
  }

  /** Inspects the file of an upload, which is then ready or has failed. Never rejects. */
  async inspect(): Promise<void> {
    const { task } = this;
    if (task.kind === "download" || task.image === null) return;
    this.#become({ at: "checking" });
    try {
      this.inspected = await inspectImage(task.image);
      const { sizeBytes } = this.inspected;
      this.#become(sizeRefusal(task.image.name, sizeBytes) ?? { at: "ready" });
    } catch (error) {
      this.#become(failureOf(error));
    }
  }

  rename(name: string): void {
    if (this.task.kind === "upload") this.task = { ...this.task, name };
    this.onChange();
  }

  /**
   * Runs until it is done, paused or failed. Never rejects.
   *
   * @param replaces Whether an unfinished upload of the same name is discarded for this one.
   */
  async run(replaces = false): Promise<void> {
    this.#stop = new AbortController();
    this.#become({ at: "running" });
    try {
      this.#become({ at: "done", ...(await this.#move(this.#stop.signal, replaces)) });
    } catch (error) {
      if (this.#stop.signal.aborted) await this.#becomePaused();
      else this.#fail(error);
    }
  }

  pause(): void {
    this.#stop.abort();
    if (this.state.at === "queued") this.#become({ at: this.isNew ? "ready" : "paused" });
  }

  queue(): void {
    this.#become({ at: "queued" });
  }

  /** Takes a file to resume with if its size is right. Its bytes are compared while the upload runs. */
  async take(image: Chosen): Promise<boolean> {
    const { task } = this;
    if (task.kind === "download") return false;
    const { sizeBytes } = await inspectImage(image);
    const expected = this.known?.sizeBytes ?? sizeBytes;
    if (sizeBytes !== expected) {
      const [has, wanted] = [sizeBytes, expected].map((count) => exactBytes(count));
      const why = `${image.name} is another file: its disk has ${has}, and this upload is of ${wanted}.`;
      this.#become({ at: "paused", why });
      return false;
    }
    this.task = { ...task, image };
    return true;
  }

  /** Forgets what was sent; the unfinished image is deleted too. */
  async forget(): Promise<void> {
    const { task, client, state } = this;
    if (state.at === "done" || state.at === "kept") return;
    if (task.kind === "download") await forgetDownload(task.name, task.target, { client });
    else if (!this.isNew) await forgetUpload(task.name, { client, deleteImage: true });
  }

  async #move(signal: AbortSignal, replaces: boolean): Promise<Moved> {
    const { client, task } = this;
    const onProgress = (progress: TransferProgress): void => this.#told(progress);
    const options = { client, signal, onProgress };
    if (task.kind === "download") {
      const result = await downloadImage(task.id ?? task.name, task.target, options);
      return { ...result, imageId: result.image.id, movedBytes: result.receivedBytes };
    }
    if (task.image === null) throw new Error("Choose the file first.");
    const ifNameTaken = replaces ? "replace-unfinished" : "fail";
    const result = await uploadImage(task.image, { ...options, name: task.name, ifNameTaken });
    return { ...result, imageId: result.image.id, movedBytes: result.sentBytes, verified: true };
  }

  #told(progress: TransferProgress): void {
    this.progress = progress;
    this.rates.push(progress.bytesPerSecond);
    if (this.rates.length > mostRates) this.rates.shift();
    this.onChange();
  }

  /** Pauses. The journal tells what has arrived, which may be more than the last progress said. */
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
    const { task } = this;
    const { code } = error as { code?: string };
    // The page holds a snapshot of the file, so the file has to be chosen again.
    if (code === "SOURCE_CHANGED" && task.kind === "upload" && isOpened(task.image)) {
      this.known ??= knownOf(this.progress, task.image.name);
      this.task = { ...task, image: null };
    }
    // Nothing of it was sent: the progress was that of the image that has the name.
    if (code === "NAME_TAKEN") this.progress = null;
    this.#become(failureOf(error));
  }

  #become(state: TransferState): void {
    this.state = state;
    this.onChange();
  }
}

const exactBytes = (count: number): string =>
  `${bytes(count)} (${count.toLocaleString("en")} bytes)`;

const knownOf = (progress: TransferProgress | null, file: string): Known | null =>
  progress && { ...progress, file };
