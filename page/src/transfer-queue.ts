import { tellProblem } from "./attempt.js";
import type { Transfer } from "./transfer.js";

/**
 * The transfers of the page. One runs at a time, since each uses the whole line; the others wait for their
 * turn.
 */
export class TransferQueue {
  readonly #transfers = new Set<Transfer>();
  readonly #replacing = new WeakSet<Transfer>();
  readonly #ended: (transfer: Transfer) => void;

  /** @param ended Called when a transfer is done, paused or failed, before the next one runs. */
  constructor(ended: (transfer: Transfer) => void) {
    this.#ended = ended;
  }

  get all(): readonly Transfer[] {
    return [...this.#transfers];
  }

  get running(): Transfer | null {
    return this.all.find(({ state }) => state.at === "running") ?? null;
  }

  add(transfer: Transfer): void {
    this.#transfers.add(transfer);
  }

  remove(transfer: Transfer): void {
    this.#transfers.delete(transfer);
  }

  /** Queues a transfer; it runs when it is its turn. */
  queue(transfer: Transfer): void {
    transfer.queue();
    this.#runNext();
  }

  /**
   * Queues an upload under the name on its card, unless another one here has that name.
   *
   * @param replaces Whether an unfinished upload of that name is discarded for this one.
   */
  start(transfer: Transfer, replaces = false): void {
    const { name } = transfer.task;
    if (this.#isNameHere(transfer)) {
      tellProblem(`Another upload here has the name ${name}.`);
      return;
    }
    if (replaces) this.#replacing.add(transfer);
    this.queue(transfer);
  }

  startAll(): void {
    for (const transfer of this.all) if (transfer.state.at === "ready") this.start(transfer);
  }

  #isNameHere(transfer: Transfer): boolean {
    const { name } = transfer.task;
    const others = this.all.filter((other) => other !== transfer && other.state.at !== "ready");
    return others.some(({ task }) => task.kind === "upload" && task.name === name);
  }

  #runNext(): void {
    if (this.running !== null) return;
    const next = this.all.find(({ state }) => state.at === "queued");
    if (next === undefined) return;
    void next.run(this.#replacing.delete(next)).then(() => {
      this.#ended(next);
      this.#runNext();
    });
  }
}
