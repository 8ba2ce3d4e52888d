import { openUrl } from "@img/browser-blob";
import type { ImageListEntry } from "@img/core/models";
import type { SfcCore } from "@img/core/core.js";
import { attempt, tellProblem } from "./attempt.js";
import type { CardActions } from "./card-buttons.js";
import { deletePrivate, saveToDisk } from "./downloads-folder.js";
import { dropZone } from "./drop-zone.js";
import { button, element } from "./element.js";
import {
  chooseFiles,
  fileNameOf,
  isOpened,
  isUrl,
  mayUse,
  pickTarget,
  type Chosen,
} from "./files.js";
import { nextName, possibleImageName } from "./image-name.js";
import { notice } from "./notices.js";
import { confirmed } from "./question.js";
import { showInTab } from "./tab-status.js";
import { TransferCard } from "./transfer-card.js";
import { TransferQueue } from "./transfer-queue.js";
import type { TransferState } from "./transfer-state.js";
import { stateText } from "./transfer-text.js";
import { Transfer } from "./transfer.js";
import { keptFromBefore, unfinishedBefore } from "./transfers-before.js";
import { askForUrl } from "./url-form.js";
import { bytes } from "./words.js";

/** What the view tells the rest of the page, and asks it. */
export interface AboutTransfers {
  /** Called when a transfer is done and its card was removed. */
  done(transfer: Transfer, hadFocus: boolean): unknown;
  /** Called when images may have been added or removed. */
  changed(): unknown;
  /** Whether an image has this name. */
  isTaken(name: string): boolean;
}

/**
 * The transfers: the running one on top, and the queue below it. One runs at a time, since each uses the whole
 * line.
 */
export class TransfersView {
  readonly node: HTMLElement;
  readonly #client: SfcCore;
  readonly #about: AboutTransfers;
  readonly #title = element("h2", { class: "visually-hidden" }, "Transfers");
  readonly #list = element("ul", { class: "transfers" });
  readonly #all = button("Upload all", () => this.#queue.startAll(), { class: "primary all" });
  readonly #cards = new Map<Transfer, TransferCard>();
  readonly #queue = new TransferQueue((transfer) => this.#afterRun(transfer));

  constructor(client: SfcCore, about: AboutTransfers) {
    this.#client = client;
    this.#about = about;
    this.node = element(
      "section",
      { "aria-label": "Transfers" },
      this.#title,
      dropZone((files) => this.#takeAll(files)),
      this.#all,
      this.#list,
    );
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      for (const card of this.#cards.values()) card.draw();
    });
    addEventListener("beforeunload", (event) => {
      if (this.#queue.running !== null) event.preventDefault();
    });
    this.#arrange();
  }

  get transfers(): readonly Transfer[] {
    return this.#queue.all;
  }

  /**
   * Shows what earlier tabs, or this one before it was closed, left unfinished. While another tab works on a
   * transfer, looks again every two seconds.
   */
  async showUnfinished(): Promise<void> {
    const { unfinished, areMoreElsewhere } = await unfinishedBefore(this.#client, this.transfers);
    for (const transfer of unfinished) this.#add(transfer);
    for (const transfer of await keptFromBefore(this.#client, this.transfers)) this.#add(transfer);
    if (areMoreElsewhere) setTimeout(() => void attempt(() => this.showUnfinished()), 2_000);
  }

  async download({ id, name }: ImageListEntry): Promise<void> {
    const target = await pickTarget(name);
    if (target === null) return;
    const task = { kind: "download", name, id, target } as const;
    const transfer = this.#add(new Transfer(this.#client, task, { at: "queued" }));
    this.#queue.queue(transfer);
    this.#cards.get(transfer)?.focus();
  }

  async #takeAll(files: readonly Chosen[]): Promise<void> {
    const taken = await Promise.all(files.map((image) => this.#take(image)));
    const first = taken.find((transfer) => transfer !== null);
    if (first) this.#cards.get(first)?.focus();
  }

  /** Adds a file. If a paused upload of a file with that name is shown, resumes that upload instead. */
  async #take(image: Chosen): Promise<Transfer | null> {
    const name = possibleImageName(fileNameOf(image));
    const known = this.transfers.find(({ fileName }) => fileName === image.name);
    const isFresh = known?.isNew === true && known.state.at === "failed";
    if (isFresh) this.#drop(known);
    if (known === undefined || isFresh) {
      const task = { kind: "upload", name, image } as const;
      const transfer = this.#add(new Transfer(this.#client, task, { at: "checking" }));
      await transfer.inspect();
      return transfer;
    }
    const { at } = known.state;
    if (at !== "paused" && at !== "failed") tellProblem(`${image.name} is here already.`);
    else if (await known.take(image)) this.#queue.queue(known);
    return known;
  }

  #add(transfer: Transfer): Transfer {
    const card = new TransferCard(transfer, this.#actions);
    transfer.onChange = () => {
      card.show();
      this.#arrange();
    };
    this.#queue.add(transfer);
    this.#cards.set(transfer, card);
    this.#arrange();
    card.show(); // now it has a width
    return transfer;
  }

  /** Arranges the cards: the running one on top, those that wait for their turn below. */
  #arrange(): void {
    const sorted = [...this.transfers].sort((a, b) => ranks[a.state.at] - ranks[b.state.at]);
    const nodes = sorted.map((transfer) => this.#cards.get(transfer)!.node);
    const there = [...this.#list.children];
    if (there.length !== nodes.length || nodes.some((node, at) => there[at] !== node)) {
      const focused = document.activeElement as HTMLElement | null;
      this.#list.replaceChildren(...nodes);
      if (this.#list.contains(focused)) focused?.focus({ preventScroll: true });
    }
    const ready = sorted.filter(({ state }) => state.at === "ready").length;
    this.#all.hidden = ready < 2;
    this.#all.textContent = `Upload all ${ready}`;
    showInTab(this.#queue.running);
    this.#title.hidden = nodes.length === 0;
  }

  #afterRun(transfer: Transfer): void {
    const { state, task } = transfer;
    if (state.at === "failed" && state.wayOut.startsWith("rename")) {
      transfer.rename(nextName(task.name, (name) => this.#about.isTaken(name)));
    }
    if (state.at !== "paused") notice(`${task.name}: ${stateText(state, task.kind)}`);
    if (state.at !== "done") {
      this.#about.changed();
      return;
    }
    if (transfer.isPrivate) return; // not saved yet
    const hadFocus = this.#cards.get(transfer)?.node.contains(document.activeElement) ?? false;
    this.#drop(transfer);
    this.#about.done(transfer, hadFocus);
  }

  #drop(transfer: Transfer): void {
    this.#queue.remove(transfer);
    this.#cards.delete(transfer);
    this.#arrange();
  }

  readonly #actions: CardActions = {
    start: (transfer) => this.#queue.start(transfer),
    replace: (transfer) => {
      if (transfer.state.at !== "failed") return;
      transfer.rename(transfer.state.takenName ?? transfer.task.name);
      this.#queue.start(transfer, true);
    },
    resume: (transfer) => this.#resume(transfer),
    remove: (transfer) => this.#remove(transfer),
    save: async ({ task }) => (task.kind === "download" ? saveToDisk(task.target) : undefined),
  };

  async #resume(transfer: Transfer): Promise<void> {
    const { task } = transfer;
    const isHere =
      task.kind === "download"
        ? await mayUse(task.target, "readwrite")
        : await this.#isReadable(transfer, task.image);
    if (isHere) this.#queue.queue(transfer);
  }

  /** Asks for the file, or for permission to read it, if needed. */
  async #isReadable(transfer: Transfer, image: Chosen | null): Promise<boolean> {
    if (isOpened(image)) return true;
    if (image !== null && (await mayUse(image, "read"))) return true;
    const { knownUrl, missingFile } = transfer;
    if (image === null && knownUrl !== null) return transfer.take(await openUrl(knownUrl));
    if (missingFile !== null && isUrl(missingFile)) {
      askForUrl();
      return false;
    }
    const [chosen] = await chooseFiles(false);
    return chosen !== undefined && transfer.take(chosen);
  }

  async #remove(transfer: Transfer): Promise<void> {
    if (!(await isRemovalWanted(transfer))) return;
    await transfer.forget().catch(() => undefined); // the list below shows what is still there
    if (transfer.task.kind === "download" && transfer.isPrivate) {
      await deletePrivate(transfer.task.target.name);
    }
    const at = this.transfers.indexOf(transfer);
    this.#drop(transfer);
    const next = this.transfers[at] ?? this.transfers.at(-1);
    if (next === undefined) this.node.querySelector<HTMLElement>(".choose")?.focus();
    else this.#cards.get(next)?.focus();
    this.#about.changed();
  }
}

const ranks: Readonly<Record<TransferState["at"], number>> = {
  ...{ running: 0, queued: 1, checking: 2, ready: 2, failed: 2, paused: 3, done: 4, kept: 4 },
};

async function isRemovalWanted({ doneBytes, task }: Transfer): Promise<boolean> {
  if (doneBytes === 0) return true;
  const [moved, transfer] =
    task.kind === "upload" ? ["uploaded", "upload"] : ["downloaded", "download"];
  return confirmed({
    title: `Discard ${bytes(doneBytes)} already ${moved}?`,
    text: `The ${transfer} of ${task.name} would start from the beginning.`,
    yes: "Discard",
    no: "Keep",
  });
}
