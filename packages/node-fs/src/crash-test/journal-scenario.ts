import { posix } from "node:path";
import type { JournalKey } from "@img/transfer";
import type { Journal } from "../../../transfer/src/journal/journal.js";
import { openJournal } from "../../../transfer/src/journal/journal.js";
import type { JournalRecord, UploadBegin } from "../../../transfer/src/journal/record.js";
import type { Transfer } from "../../../transfer/src/journal/replay.js";
import { applyRecord, nothing } from "../../../transfer/src/journal/replay.js";
import type { FileSystem } from "../files/file-system.js";
import { hasCode } from "../files/file-system.js";
import { fileJournals } from "../journals/journal-store.js";
import { Random } from "./random.js";
import type { Scenario, World } from "./scenario.js";
import { Violation } from "./scenario.js";

/** The states that a journal may be in: the last that is certain, and those that were asked for since. */
export interface JournalHistory {
  certain: Transfer;
  readonly asked: Transfer[];
}

const folder = "/home/state/img";
const key: JournalKey = { kind: "upload", server: "https://api.test", name: "debian" };
const partBytes = 10;

/**
 * An upload as its journal sees it, over one or more processes; the seed decides how many parts there
 * are, which receipts share a write, and what comes in between.
 */
export function journalScenario(seed: number, folderOf = folder): Scenario<JournalHistory> {
  return {
    begin: () => ({ certain: nothing, asked: [] }),
    copy: ({ certain, asked }) => ({ certain, asked: [...asked] }),
    toText: ({ certain, asked }) => [certain, ...asked].map(told).join(" "),
    run: (world, history) => new Uploading(world, history, seed, folderOf).run(),
    recover: (world, history) => recover(world, history, folderOf),
    isExpected: (error) => hasCode(error, "JOURNAL_IO"),
  };
}

const tellings = new WeakMap<Transfer, string>();

/** A state in a form that can be compared. */
function told(state: Transfer): string {
  const known = tellings.get(state);
  if (known !== undefined) return known;
  const telling = JSON.stringify(state, (_, value: unknown) =>
    value instanceof Map ? [...(value as Map<unknown, unknown>)] : value,
  );
  tellings.set(state, telling);
  return telling;
}

class Uploading {
  readonly #world: World;
  readonly #history: JournalHistory;
  readonly #random: Random;
  readonly #folder: string;
  #journal: Journal | null = null;

  constructor(world: World, history: JournalHistory, seed: number, folderOf: string) {
    this.#world = world;
    this.#history = history;
    this.#random = new Random(seed);
    this.#folder = folderOf;
  }

  async run(): Promise<void> {
    try {
      await this.#open();
      if (this.#random.chance(30)) await this.#upload(1 + this.#random.below(2)); // then a second one
      await this.#upload(3 + this.#random.below(6));
    } finally {
      await this.#journal?.close();
    }
  }

  async #upload(partCount: number): Promise<void> {
    await this.#begin({ ...begin, sizeBytes: partCount * partBytes });
    await this.#append({ type: "intent", sinceSec: 1, timeoutMs: 60_000 });
    await this.#maybeReopen();
    if (this.#random.chance(30)) {
      await this.#append({ type: "intent", sinceSec: 2, timeoutMs: 60_000 });
    }
    await this.#append({ type: "started", imageId: "image_1", adopted: this.#random.chance(50) });
    await this.#receipts(partCount);
    await this.#append({ type: "completing", sha256: "0".repeat(64) });
    await this.#maybeReopen();
    await this.#append({ type: "completed" });
    if (this.#random.chance(80)) await this.#remove();
  }

  async #receipts(partCount: number): Promise<void> {
    for (let part = 1; part <= partCount;) {
      const together = Math.min(1 + this.#random.below(4), partCount - part + 1);
      const group = Array.from({ length: together }, (_, index) => receipt(part + index));
      await Promise.all(group.map((one) => this.#append(one)));
      part += together;
      if (this.#random.chance(10)) await this.#append({ ...receipt(1), etag: "again" });
      if (this.#random.chance(10)) {
        await this.#append({ type: "source", identity: { ino: String(part) }, from: "/copy.img" });
      }
      if (this.#random.chance(10)) {
        await this.#append({ type: "digest", positionBytes: part, state: "s".repeat(700) });
      }
      await this.#maybeReopen();
    }
  }

  async #open(): Promise<void> {
    const store = fileJournals(this.#folder, this.#world.fs, this.#world.processes);
    this.#journal = await openJournal(store, key, { force: false });
  }

  async #maybeReopen(): Promise<void> {
    if (!this.#random.chance(15)) return;
    await this.#journal!.close();
    await this.#open();
  }

  #append(record: JournalRecord): Promise<void> {
    const { certain, asked } = this.#history;
    return this.#promise(applyRecord(asked.at(-1) ?? certain, record), () =>
      this.#journal!.append(record),
    );
  }

  #begin(record: UploadBegin): Promise<void> {
    return this.#promise(applyRecord(nothing, record), () => this.#journal!.begin(record));
  }

  #remove(): Promise<void> {
    return this.#promise(nothing, () => this.#journal!.remove());
  }

  async #promise(after: Transfer, work: () => Promise<void>): Promise<void> {
    const history = this.#history;
    history.asked.push(after);
    await work();
    const index = history.asked.indexOf(after);
    if (index === -1) return; // a later one was acknowledged first
    history.asked.splice(0, index + 1);
    history.certain = after;
  }
}

const begin: UploadBegin = {
  type: "begin",
  kind: "upload",
  server: key.server,
  name: key.name,
  sizeBytes: partBytes,
  partBytes,
  from: "/disk.img",
  identity: { ino: "1", mtimeNs: "17" },
  beganAtSec: 1,
};

const receipt = (part: number): JournalRecord & { type: "receipt" } => ({
  type: "receipt",
  part,
  crc32: part * 1000,
  etag: `"${String(part).repeat(60)}"`,
});

async function recover(
  { fs, processes, sound }: World,
  history: JournalHistory,
  folderOf: string,
): Promise<void> {
  const store = fileJournals(folderOf, fs, processes);
  const journal = await openJournal(store, key, { force: false });
  const found = journal.state;
  const allowed = [history.certain, ...history.asked];
  if (!allowed.some((state) => told(state) === told(found))) {
    throw new Violation(`found ${told(found)}, not one of ${allowed.map(told).join(" ")}`);
  }
  history.asked.length = 0;
  history.certain = found;
  if (found.at !== "nothing") await goOn(journal, history);
  await journal.close();
  if (sound) await checkNothingElseIsLeft(fs, found, folderOf);
}

/** What was recovered can be written to. */
async function goOn(journal: Journal, history: JournalHistory): Promise<void> {
  const { state } = journal;
  const atSec = state.at === "nothing" ? 0 : (state.stopped?.atSec ?? 0) + 1;
  const record: JournalRecord = { type: "stopped", code: "CRASHED", atSec };
  const after = applyRecord(state, record);
  history.asked.push(after);
  await journal.append(record);
  history.asked.length = 0;
  history.certain = after;
}

async function checkNothingElseIsLeft(
  fs: FileSystem,
  found: Transfer,
  folderOf: string,
): Promise<void> {
  const names = await fs.readdir(folderOf);
  const others = names.filter((name) => posix.extname(name) !== ".journal");
  if (others.length > 0) throw new Violation(`left behind: ${others.join(", ")}`);
  if (names.length > 1 || (found.at !== "nothing" && names.length === 0)) {
    throw new Violation(`in the folder: ${names.join(", ")}`);
  }
}
