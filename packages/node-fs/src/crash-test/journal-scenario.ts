import type { JournalStore } from "@img/transfer";
import type { Journal } from "../../../transfer/src/journal/journal.js";
import { openJournal } from "../../../transfer/src/journal/journal.js";
import type { JournalRecord, UploadBegin } from "../../../transfer/src/journal/record.js";
import type { Transfer } from "../../../transfer/src/journal/state.js";
import { applyRecord, replay } from "../../../transfer/src/journal/replay.js";
import { nothing } from "../../../transfer/src/journal/state.js";
import { encodeJournal } from "../../../transfer/src/journal/codec.js";
import { asVersion1 } from "../../../transfer/src/testing/journal-version-1.js";
import { hasCode } from "@img/files";
import { fileJournals } from "../journals/journal-store.js";
import { Random } from "../../../files/src/crash-test/random.js";
import { Violation, type Scenario, type World } from "../../../files/src/crash-test/scenario.js";
import { key, recover, told, type JournalHistory } from "./journal-recovery.js";

const folder = "/home/state/img";
const partBytes = 10;

/**
 * An upload as its journal sees it, over one or more processes; the seed decides how many parts there
 * are, whether their number is known, which receipts share a write, and what comes in between.
 */
export function journalScenario(seed: number, folderOf = folder): Scenario<JournalHistory> {
  return scenarioOf(folderOf, (uploading) => uploading.run(), seed);
}

/** An upload that version 1 began: its journal is in its place, and becomes one of this version. */
export function oldJournalScenario(seed: number): Scenario<JournalHistory> {
  return scenarioOf(folder, (uploading) => uploading.runFromVersion1(), seed);
}

/** On a disk that cannot sync a folder: a loss of power may lose the journal, or bring back an older state of it. */
export function unsyncedFoldersScenario(seed: number): Scenario<JournalHistory> {
  const scenario = journalScenario(seed);
  return {
    ...scenario,
    begin: () => ({ ...scenario.begin(), all: [] }),
    copy: ({ certain, asked, all }) => ({ certain, asked: [...asked], all: [...(all ?? [])] }),
    toText: ({ asked, all }) => [...asked, ...(all ?? [])].map(told).join(" "),
    run: (world, history) => scenario.run(withoutFolderSync(world), history),
    recover: (world, history) => scenario.recover(withoutFolderSync(world), history),
  };
}

function withoutFolderSync(world: World): World {
  const fs = new Proxy(world.fs, {
    get: (target, key) => {
      if (key === "syncDir") return () => Promise.resolve();
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
  return { ...world, fs };
}

function scenarioOf(
  folderOf: string,
  work: (uploading: Uploading) => Promise<void>,
  seed: number,
): Scenario<JournalHistory> {
  return {
    begin: () => ({ certain: nothing, asked: [] }),
    copy: ({ certain, asked }) => ({ certain, asked: [...asked] }),
    toText: ({ certain, asked }) => [certain, ...asked].map(told).join(" "),
    run: (world, history) => work(new Uploading(world, history, seed, folderOf)),
    recover: (world, history) => recover(world, history, folderOf),
    isExpected: (error) => hasCode(error, "JOURNAL_IO"),
  };
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

  async runFromVersion1(): Promise<void> {
    try {
      const [from, to] = [1 + this.#random.below(3), 4 + this.#random.below(3)];
      await this.#leaveVersion1(from, to);
      await this.#open();
      await this.#receipts(from + 1, to);
      await this.#finish();
    } finally {
      await this.#journal?.close();
    }
  }

  /** What version 1 left is durable: its process has long ended. */
  async #leaveVersion1(from: number, to: number): Promise<void> {
    const records: JournalRecord[] = [
      { ...begin, sizeBytes: to * partBytes },
      { type: "intent", sinceSec: 1, timeoutMs: 60_000 },
      { type: "started", imageId: "image_1", adopted: false },
      ...Array.from({ length: from }, (_, index) => receipt(index + 1)),
    ];
    await this.#promise(replay(records), async () => {
      const file = await this.#store().open(key, { force: false });
      await file.replace(asVersion1(encodeJournal("5f".repeat(16), records)));
      await file.close();
    });
  }

  async #upload(partCount: number): Promise<void> {
    const sizeBytes = partCount * partBytes;
    const isUnsized = this.#random.chance(30);
    await this.#begin({ ...begin, sizeBytes: isUnsized ? null : sizeBytes });
    await this.#append({ type: "intent", sinceSec: 1, timeoutMs: 60_000 });
    await this.#maybeReopen();
    if (this.#random.chance(30)) {
      await this.#append({ type: "intent", sinceSec: 2, timeoutMs: 60_000 });
    }
    await this.#append({ type: "started", imageId: "image_1", adopted: this.#random.chance(50) });
    await this.#receipts(1, partCount);
    if (isUnsized) await this.#append({ type: "size", sizeBytes });
    await this.#finish();
  }

  async #finish(): Promise<void> {
    await this.#append({ type: "completing", sha256: "0".repeat(64) });
    await this.#maybeReopen();
    await this.#append({ type: "completed", atSec: 9 });
    if (this.#random.chance(80)) await this.#remove();
  }

  async #receipts(first: number, last: number): Promise<void> {
    for (let part = first; part <= last;) {
      const together = Math.min(1 + this.#random.below(4), last - part + 1);
      const group = Array.from({ length: together }, (_, index) => receipt(part + index));
      await Promise.all(group.map((one) => this.#append(one)));
      part += together;
      if (this.#random.chance(10)) await this.#append({ ...receipt(1), etag: "again" });
      if (this.#random.chance(10)) {
        const identity = { ino: String(part) };
        await this.#append({ type: "source", identity, from: "/copy.img", format: "raw" });
      }
      if (this.#random.chance(10)) {
        await this.#append({ type: "digest", positionBytes: part, state: "s".repeat(700) });
      }
      await this.#maybeReopen();
    }
  }

  async #open({ force } = { force: false }): Promise<void> {
    this.#journal = await openJournal(this.#store(), key, { force });
  }

  #store(): JournalStore {
    return fileJournals(this.#folder, this.#world.fs, this.#world.process);
  }

  async #maybeReopen(): Promise<void> {
    const roll = this.#random.below(100);
    if (roll < 12) await this.#takeOver();
    if (roll < 88) return;
    await this.#journal!.close();
    await this.#open();
  }

  /** By force, from a holder that still runs, and writes once more when it has lost the journal. */
  async #takeOver(): Promise<void> {
    const former = this.#journal!;
    try {
      await this.#open({ force: true });
      const record: JournalRecord = { type: "stopped", code: "LATE", atSec: 1 };
      // Where the follower's file may lose its name again, the former holder's comes back.
      this.#history.all?.push(applyRecord(former.state, record));
      const late = await former.append(record).then(
        () => "written",
        () => "refused",
      );
      if (late === "written")
        throw new Violation("a former holder wrote to its follower's journal");
    } finally {
      await former.close();
    }
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
    history.all?.push(after);
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
  workspace: key.workspace,
  name: key.name,
  sizeBytes: partBytes,
  partBytes,
  format: "raw",
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
