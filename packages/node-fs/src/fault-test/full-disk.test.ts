import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { openJournal } from "../../../transfer/src/journal/journal.js";
import { beginOfChild, receiptOfChild } from "../crash-test/child-records.js";
import { openFileSink } from "../files/file-sink.js";
import { partPathOf } from "../files/file-target.js";
import { realFileSystem, takeLock } from "@img/files";
import { fileJournals } from "../journals/journal-store.js";
import { MiB, seededBytes, sha256Of } from "../testing/seeded.js";
import { onSmallDisk } from "../testing/on-small-disk.js";
import { openWorld } from "../testing/world.js";

const key = { kind: "upload", server: "https://api.test", workspace: null, name: "disk" } as const;

// fault D03
onSmallDisk(
  "a real disk that is full: JournalIoError, and the receipts before are valid",
  MiB,
  async (disk) => {
    const store = fileJournals(join(disk.folder, "state"));
    const journal = await openJournal(store, key, { force: false });
    await journal.begin(beginOfChild(key));
    await journal.append({ type: "intent", sinceSec: 1, timeoutMs: 1 });
    await journal.append({ type: "started", imageId: "image_1", adopted: false });
    await disk.fill();
    let acknowledged = 0;
    const pour = async () => {
      for (let part = 1; part <= 1_000; part++) {
        await journal.append(receiptOfChild(part));
        acknowledged = part;
      }
    };
    await expect(pour()).rejects.toMatchObject({
      code: "JOURNAL_IO",
      message: expect.stringContaining("the disk is full") as string,
    });
    await expect(journal.append(receiptOfChild(1_000))).rejects.toMatchObject({
      code: "JOURNAL_IO",
    });
    await journal.close();

    await disk.makeRoom();
    const again = await openJournal(store, key, { force: false });
    const { state } = again;
    if (state.at !== "started") throw new Error(`It is ${state.at}.`);
    expect([...state.receipts.keys()]).toEqual(range(acknowledged));
    await again.append(receiptOfChild(acknowledged + 1));
    await again.close();
  },
);

onSmallDisk(
  "a journal cannot be opened on a disk that is full, and can once there is room",
  MiB,
  async (disk) => {
    const store = fileJournals(join(disk.folder, "state"));
    await disk.fill();
    const opening = openJournal(store, key, { force: false });
    await expect(opening).rejects.toMatchObject({ code: "JOURNAL_IO" });
    await disk.makeRoom();
    await (await openJournal(store, key, { force: false })).close();
  },
);

// fault D03
onSmallDisk(
  "a part file on a disk that gets full: DiskError, and it resumes once there is room",
  4 * MiB,
  async (disk) => {
    const target = join(disk.folder, "copy.img");
    const image = seededBytes("full", 2 * MiB);
    const { signal } = new AbortController();
    const size = { sizeBytes: image.length, missingBytes: image.length };
    const options = { overwrite: false, sparse: true };
    const sink = await openFileSink(target, options, realFileSystem);
    const lock = await takeLock(realFileSystem, `${partPathOf(target)}.lock`, { mode: 0o666 });
    await sink.prepare(size, false);
    await sink.write(0, image.subarray(0, MiB), signal);
    await sink.sync();
    await disk.fill();
    const writing = sink.write(MiB, image.subarray(MiB), signal);
    await expect(writing).rejects.toMatchObject({ code: "DISK", cause: { code: "ENOSPC" } });
    await sink.close();
    expect(existsSync(target)).toBe(false);

    await disk.makeRoom();
    const again = await openFileSink(target, options, realFileSystem);
    expect(await again.open()).toBe(true);
    await again.prepare({ ...size, missingBytes: MiB }, true);
    await again.write(MiB, image.subarray(MiB), signal);
    await again.commit();
    await again.close();
    await lock.release();
    expect(sha256Of(await readFile(target))).toBe(sha256Of(image));
  },
);

onSmallDisk("a download that is larger than the room is refused first", 4 * MiB, async (disk) => {
  const world = await openWorld();
  const id = await world.image("disk", seededBytes("full", 5 * MiB));
  const target = join(disk.folder, "copy.img");
  await expect(world.download(id, target, { sparse: false })).rejects.toMatchObject({
    code: "NOT_ENOUGH_SPACE",
  });
  expect(existsSync(target)).toBe(false);
});

onSmallDisk(
  "an upload whose journal's disk is full is refused before the API is called, and goes once there is room",
  MiB,
  async (disk) => {
    const world = await openWorld();
    const bytes = seededBytes("full", 1_000);
    const path = await world.file("disk.img", bytes);
    const stateDir = join(disk.folder, "state");
    await disk.fill();
    await expect(world.upload(path, { stateDir })).rejects.toMatchObject({ code: "JOURNAL_IO" });
    expect(world.server.requests.create).toBe(0);
    await disk.makeRoom();
    const { image } = await world.upload(path, { stateDir });
    expect(await world.storedSha256(image.id)).toBe(sha256Of(bytes));
  },
);

const range = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
