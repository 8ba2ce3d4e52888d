import type { SfcCore } from "@img/core/core.js";
import { listTransfers, type PageTransfer } from "@img/browser-blob";
import { button, element } from "./element.js";
import {
  canPickTarget,
  chooseFiles,
  deletePrivate,
  droppedFiles,
  mayUse,
  pickTarget,
  saveToDisk,
  type Chosen,
} from "./files.js";
import { TransferCard, type CardActions } from "./transfer-card.js";
import { Transfer, type Task } from "./transfer.js";
import { imageName } from "./words.js";

/** Where files are dropped, and what is under way. One transfer runs at a time: each fills the line. */
export class TransfersView {
  readonly node: HTMLElement;
  readonly #client: SfcCore;
  readonly #onDone: () => void;
  readonly #list = element("ul", { class: "transfers" });
  readonly #input = element("input", {
    type: "file",
    multiple: true,
    class: "visually-hidden",
    tabindex: "-1",
    "aria-label": "Image files",
  });
  readonly #transfers = new Map<Transfer, TransferCard>();
  /** What asked for the file dialog, if it is for one transfer only. */
  #choosingFor: Transfer | null = null;

  constructor(client: SfcCore, onDone: () => void) {
    this.#client = client;
    this.#onDone = onDone;
    this.#input.addEventListener("change", () => this.#take([...(this.#input.files ?? [])]));
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
    if (elsewhere.length > 0) setTimeout(() => void this.showUnfinished(), 2_000);
  }

  #addUnfinished(found: PageTransfer): void {
    const { handle } = found;
    const { kind, name } = found.key;
    const task: Task | null =
      kind === "upload" ? { kind, name, image: handle } : handle && { kind, name, target: handle };
    if (task !== null) this.#add(new Transfer(this.#client, task, { at: "paused" }, found));
  }

  #find({ kind, name }: { kind: Task["kind"]; name: string }): Transfer | undefined {
    return [...this.#transfers.keys()].find(
      ({ task, state }) => task.kind === kind && task.name === name && state.at !== "done",
    );
  }

  async download(name: string): Promise<void> {
    const target = await pickTarget(name);
    if (target === null) return;
    this.#start(
      this.#add(new Transfer(this.#client, { kind: "download", name, target }, { at: "waiting" })),
    );
  }

  #dropZone(): HTMLElement {
    return element(
      "div",
      { class: "drop" },
      element("p", { class: "drop-title" }, "Drop images here"),
      element(
        "p",
        { class: "quiet" },
        "1 byte to 128 GiB each. Close the tab whenever you like: it goes on from there.",
      ),
      button("Choose files", async () => this.#take(await chooseFiles(this.#input)), {
        class: "primary",
      }),
      this.#input,
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
      this.#choosingFor = null;
      if (event.dataTransfer !== null)
        void droppedFiles(event.dataTransfer).then((files) => this.#take(files));
    });
  }

  #take(files: readonly Chosen[]): void {
    const [first] = files;
    if (first === undefined) return; // the dialog is still open, or was cancelled
    const waiting = this.#choosingFor;
    this.#choosingFor = null;
    if (waiting?.task.kind === "upload") {
      waiting.task = { ...waiting.task, image: first };
      this.#start(waiting);
    } else for (const image of files) this.#takeNew(image);
    this.#input.value = "";
  }

  /** A file of a name that stands there paused is taken as the rest of that upload. */
  #takeNew(image: Chosen): void {
    const name = imageName(image.name);
    const known = this.#find({ kind: "upload", name });
    if (known === undefined)
      this.#start(
        this.#add(new Transfer(this.#client, { kind: "upload", name, image }, { at: "waiting" })),
      );
    else if (known.state.at === "paused" || known.state.at === "failed") {
      known.task = { kind: "upload", name, image };
      this.#start(known);
    }
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
      start: (transfer) => this.#start(transfer),
      resume: (transfer) => this.#resume(transfer),
      remove: (transfer) => this.#remove(transfer),
      save: canPickTarget()
        ? null
        : async ({ task }) => (task.kind === "download" ? saveToDisk(task.target) : undefined),
    };
  }

  async #resume(transfer: Transfer): Promise<void> {
    const { task } = transfer;
    if (task.kind === "download") {
      if (await mayUse(task.target, "readwrite")) this.#start(transfer);
      return;
    }
    const { image } = task;
    const isKnown = image instanceof Blob || (image !== null && (await mayUse(image, "read")));
    if (isKnown) this.#start(transfer);
    else {
      this.#choosingFor = transfer;
      this.#take(await chooseFiles(this.#input));
    }
  }

  async #remove(transfer: Transfer): Promise<void> {
    await transfer.forget().catch(() => undefined); // the list below shows what is still there
    if (transfer.task.kind === "download" && !canPickTarget())
      await deletePrivate(transfer.task.target.name);
    this.#transfers.get(transfer)?.node.remove();
    this.#transfers.delete(transfer);
    this.#onDone();
  }
}
