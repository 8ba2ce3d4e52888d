import type { SfcCore } from "@img/core/core.js";
import type { ImageListEntry } from "@img/core/models";
import { listTransfers, type PageTransfer } from "@img/browser-blob";
import { button, element } from "./element.js";
import { attempt, tellProblem } from "./attempt.js";
import { deletePrivate, keptDownloads, saveToDisk } from "./downloads-folder.js";
import { chooseFiles, droppedFiles, mayUse, pickTarget, type Chosen } from "./files.js";
import { TransferCard, type CardActions } from "./transfer-card.js";
import { Transfer, type Task } from "./transfer.js";
import { imageName } from "./words.js";

/** Where files are dropped, and the transfers. One runs at a time: each fills the line. */
export class TransfersView {
  readonly node: HTMLElement;
  readonly #client: SfcCore;
  readonly #onDone: () => void;
  readonly #list = element("ul", { class: "transfers" });
  readonly #transfers = new Map<Transfer, TransferCard>();

  constructor(client: SfcCore, onDone: () => void) {
    this.#client = client;
    this.#onDone = onDone;
    this.node = element("section", { "aria-label": "Transfers" }, this.#dropZone(), this.#list);
    this.#takeDrops();
  }

  /**
   * Shows what earlier tabs, or this one before it was closed, left unfinished. What another tab works
   * on is looked at again until that is over.
   */
  async showUnfinished(): Promise<void> {
    const found = (await listTransfers()).filter(
      ({ damage, partsTotal }) => damage === null && partsTotal > 0,
    );
    const elsewhere = found.filter(
      ({ key, holder }) => holder !== null && this.#find(key) === undefined,
    );
    for (const one of found)
      if (one.holder === null && this.#find(one.key) === undefined) this.#addUnfinished(one);
    await this.#showKept(found);
    if (elsewhere.length > 0) {
      setTimeout(() => void attempt(() => this.showUnfinished()), 2_000);
    }
  }

  #addUnfinished(found: PageTransfer): void {
    const { handle } = found;
    const { kind, name } = found.key;
    const task: Task | null =
      kind === "upload"
        ? { kind, name, image: handle }
        : handle && { kind, name, id: found.imageId, target: handle };
    if (task !== null) this.#add(new Transfer(this.#client, task, { at: "paused" }, found));
  }

  /** What was downloaded into the browser's storage, and not saved before its tab was closed. */
  async #showKept(unfinished: readonly PageTransfer[]): Promise<void> {
    for (const { name, target, sizeBytes } of await keptDownloads()) {
      const isKnown =
        [...this.#transfers.keys()].some(
          ({ task }) => task.kind === "download" && task.target.name === name,
        ) || unfinished.some(({ key, handle }) => key.kind === "download" && handle?.name === name);
      if (isKnown) continue;
      const task = { kind: "download", name, id: null, target } as const;
      this.#add(new Transfer(this.#client, task, { at: "kept", sizeBytes }));
    }
  }

  #find({ kind, name }: { kind: Task["kind"]; name: string }): Transfer | undefined {
    return [...this.#transfers.keys()].find(
      ({ task, state }) =>
        task.kind === kind && task.name === name && state.at !== "done" && state.at !== "kept",
    );
  }

  async download({ id, name }: ImageListEntry): Promise<void> {
    const target = await pickTarget(name);
    if (target === null) return;
    const task = { kind: "download", name, id, target } as const;
    this.#start(this.#add(new Transfer(this.#client, task, { at: "waiting" })));
  }

  #dropZone(): HTMLElement {
    return element(
      "div",
      { class: "drop" },
      element("p", { class: "drop-title" }, "Drop images here"),
      element(
        "p",
        { class: "quiet" },
        "1 byte to 128 GiB each. If the tab is closed, an upload resumes where it stopped.",
      ),
      button("Choose files", async () => this.#takeAll(await chooseFiles(true)), {
        class: "primary",
      }),
    );
  }

  #takeDrops(): void {
    const over = (isOver: boolean) => (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      document.body.classList.toggle("dragging", isOver);
    };
    document.addEventListener("dragover", over(true));
    document.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) over(false)(event);
    });
    document.addEventListener("drop", (event) => {
      over(false)(event);
      const { dataTransfer } = event;
      if (dataTransfer === null) return;
      void attempt(async () => {
        const { files, folders } = await droppedFiles(dataTransfer);
        await this.#takeAll(files);
        if (folders.length > 0) tellProblem(`Folders cannot be uploaded: ${folders.join(", ")}`);
      });
    });
  }

  async #takeAll(files: readonly Chosen[]): Promise<void> {
    for (const image of files) await this.#take(image);
  }

  /** A file of a name that stands there paused is taken as the rest of that upload. */
  async #take(image: Chosen): Promise<void> {
    const name = imageName(image.name);
    const known = this.#find({ kind: "upload", name });
    if (known === undefined) {
      const task = { kind: "upload", name, image } as const;
      this.#start(this.#add(new Transfer(this.#client, task, { at: "waiting" })));
    } else if (known.state.at === "paused" || known.state.at === "failed") {
      if (await known.take(image)) this.#start(known);
    } else tellProblem(`${image.name} is being uploaded already.`);
  }

  #add(transfer: Transfer): Transfer {
    const card = new TransferCard(transfer, this.#actions);
    this.#transfers.set(transfer, card);
    this.#list.prepend(card.node);
    card.show(); // now it has a width
    return transfer;
  }

  #start(transfer: Transfer): void {
    transfer.wait();
    this.#runNext();
  }

  #runNext(): void {
    const all = [...this.#transfers.keys()];
    if (all.some(({ state }) => state.at === "running")) return;
    const next = all.find(({ state }) => state.at === "waiting");
    if (next === undefined) return;
    void next.run().then(() => {
      if (next.state.at === "done") this.#onDone();
      this.#runNext();
    });
  }

  get #actions(): CardActions {
    return {
      resume: (transfer) => this.#resume(transfer),
      remove: (transfer) => this.#remove(transfer),
      save: async ({ task }) => (task.kind === "download" ? saveToDisk(task.target) : undefined),
    };
  }

  async #resume(transfer: Transfer): Promise<void> {
    const { task } = transfer;
    if (task.kind === "download") {
      if (await mayUse(task.target, "readwrite")) this.#start(transfer);
      return;
    }
    const { image } = task;
    const isHere = image instanceof Blob || (image !== null && (await mayUse(image, "read")));
    const [chosen] = isHere ? [] : await chooseFiles(false);
    if (isHere || (chosen !== undefined && (await transfer.take(chosen)))) this.#start(transfer);
  }

  async #remove(transfer: Transfer): Promise<void> {
    await transfer.forget().catch(() => undefined); // the list below shows what is still there
    if (transfer.task.kind === "download" && transfer.isPrivate) {
      await deletePrivate(transfer.task.target.name);
    }
    this.#transfers.get(transfer)?.node.remove();
    this.#transfers.delete(transfer);
    this.#onDone();
  }
}
