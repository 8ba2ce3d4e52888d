import type { Journal } from "../journal/journal.js";
import type { Receipt } from "../journal/record.js";
import { kept } from "../promises/kept.js";
import type { Sink } from "../ports.js";
import type { Run } from "../run/run.js";
import type { Part } from "../plan.js";
import type { SavedDigests } from "../digest/saved-digest.js";
import { Waiters } from "../promises/waiters.js";

/** When a group of receipts is due. A kill costs at most the last group. */
const longestMs = 1_000;
const mostBytes = 256 * 1024 * 1024;

/** Writes the receipts of a download in groups, each after a sync of the data that it is about. */
export class ReceiptGroup {
  readonly #run: Run;
  readonly #sink: Sink;
  readonly #journal: Journal;
  readonly #saved: SavedDigests;
  readonly #news = new Waiters();
  #waiting: { part: Part; receipt: Receipt }[] = [];
  #waitingBytes = 0;
  #ended = false;

  /** @param saved The digest's states, which may be written once the receipts before them are. */
  constructor(run: Run, sink: Sink, journal: Journal, saved: SavedDigests) {
    this.#run = run;
    this.#sink = sink;
    this.#journal = journal;
    this.#saved = saved;
  }

  /** Adds a part whose bytes were written, and not synced yet. */
  add(part: Part, crc32: number): void {
    this.#waiting.push({ part, receipt: { part: part.number, crc32, etag: null } });
    this.#waitingBytes += part.lengthBytes;
    this.#run.patience.progressed();
    if (this.#waitingBytes >= mostBytes) this.#news.wake();
  }

  /** Tells that no part follows: the parts that wait are the last group. */
  end(): void {
    this.#ended = true;
    this.#news.wake();
  }

  /** Writes groups until the end. If the run ends early, `flush` writes the receipts of what has arrived. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const isLast = this.#ended;
      await this.flush();
      if (isLast) return;
      if (!this.#hasEnded()) await this.#pause(signal);
    }
  }

  async flush(): Promise<void> {
    const group = this.#waiting.splice(0);
    this.#waitingBytes = 0;
    if (group.length === 0) return;
    await this.#sink.sync();
    for (const { part } of group) this.#saved.receipted(part);
    await this.#journal.append(
      ...group.map(({ receipt }) => ({ type: "receipt" as const, ...receipt })),
      ...this.#saved.take(),
    );
    for (const { part } of group) this.#run.meter.arrived(part);
  }

  #hasEnded(): boolean {
    return this.#ended;
  }

  /** Waits until there are enough bytes for a group, or a group is due. */
  async #pause(signal: AbortSignal): Promise<void> {
    const timer = new AbortController();
    const full = kept(this.#news.wait(signal));
    const due = kept(this.#run.clock.wait(longestMs, timer.signal));
    try {
      await Promise.race([full, due]);
    } finally {
      timer.abort();
      this.#news.wake();
      await full.catch(() => undefined);
    }
    signal.throwIfAborted();
  }
}
