import { createInterface } from "node:readline";
import { realFileSystem, realProcesses } from "@img/files";
import type { JournalKey } from "@img/transfer";
import { fastLockClock } from "../../../files/src/testing/fast-lock-clock.js";
import type { Journal } from "../../../transfer/src/journal/journal.js";
import { openJournal } from "../../../transfer/src/journal/journal.js";
import { fileJournals } from "../journals/journal-store.js";
import { beginOfChild, receiptOfChild } from "./child-records.js";

/**
 * A process with a journal: `node FILE STATE_DIR NAME [force|politely [SPEED]]`, whose lock goes by a clock
 * that is so many times as fast as the machine's. It says, a line of JSON each, whether it
 * got the journal, and what came of every command that it reads: `append PART`, `remove`, `close`, and
 * `pour`, which appends receipts until it is killed.
 */
const [stateDir = "", name = "", force, speed = "1"] = process.argv.slice(2);
const key: JournalKey = { kind: "upload", server: "https://api.test", workspace: null, name };

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function tell(work: () => Promise<void>): Promise<void> {
  try {
    await work();
    say({ ok: true, pid: process.pid });
  } catch (error) {
    const { code, holder, mayForce, message } = error as Record<string, unknown>;
    say({ ok: false, pid: process.pid, code, holder, mayForce, message });
  }
}

async function open(): Promise<Journal> {
  const machine = { processes: realProcesses, clock: fastLockClock(Number(speed)) };
  const journals = fileJournals(stateDir, realFileSystem, machine);
  const journal = await openJournal(journals, key, { force: force === "force" });
  if (journal.state.at === "nothing") {
    await journal.begin(beginOfChild(key));
    await journal.append({ type: "intent", sinceSec: 1, timeoutMs: 1 });
    await journal.append({ type: "started", imageId: "image_1", adopted: false });
  }
  return journal;
}

async function pour(journal: Journal): Promise<void> {
  const { state } = journal;
  const first = "receipts" in state ? state.receipts.size + 1 : 1;
  for (let part = first; ; part += 3) {
    const three = [part, part + 1, part + 2];
    await Promise.all(three.map((one) => journal.append(receiptOfChild(one))));
    say({ acknowledged: part + 2 });
  }
}

async function obey(journal: Journal, command: string): Promise<void> {
  const [verb, part] = command.split(" ");
  if (verb === "pour") return pour(journal);
  if (verb === "append") return journal.append(receiptOfChild(Number(part)));
  return verb === "remove" ? journal.remove() : journal.close();
}

let journal: Journal | undefined;
await tell(async () => {
  journal = await open();
});
if (journal !== undefined) {
  const held = journal;
  for await (const command of createInterface({ input: process.stdin })) {
    await tell(() => obey(held, command));
  }
}
