import { expect, test } from "vitest";
import { EarlySync } from "./early-sync.js";

const MiB = 1024 * 1024;

/** A file whose syncs end when the test says so. */
class ControlledFile {
  readonly syncs: { resolve: () => void; reject: (error: Error) => void }[] = [];

  datasync(): Promise<void> {
    return new Promise((resolve, reject) => this.syncs.push({ resolve, reject }));
  }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test("a sync begins with each 4 MiB, while no other is running", async () => {
  const file = new ControlledFile();
  const sync = new EarlySync(file);
  for (let written = 1; written <= 3; written++) sync.wrote(MiB);
  expect(file.syncs).toHaveLength(0);
  sync.wrote(MiB);
  expect(file.syncs).toHaveLength(1);
  for (let written = 1; written <= 8; written++) sync.wrote(MiB);
  expect(file.syncs).toHaveLength(1);
  file.syncs[0]!.resolve();
  await settled();
  sync.wrote(MiB);
  expect(file.syncs).toHaveLength(2);
});

test("the last sync begins after the one that is running, and is waited for", async () => {
  const file = new ControlledFile();
  const sync = new EarlySync(file);
  sync.wrote(4 * MiB);
  let isDone = false;
  const finished = sync.finish().then(() => (isDone = true));
  await settled();
  expect(file.syncs).toHaveLength(1);
  file.syncs[0]!.resolve();
  await settled();
  expect([file.syncs.length, isDone]).toEqual([2, false]);
  file.syncs[1]!.resolve();
  await finished;
});

test("an early sync that failed fails the end, though the system reports it only once", async () => {
  const file = new ControlledFile();
  const sync = new EarlySync(file);
  sync.wrote(4 * MiB);
  file.syncs[0]!.reject(new Error("EIO"));
  await sync.idle();
  await expect(sync.finish()).rejects.toThrow("EIO");
  expect(file.syncs).toHaveLength(1);
});
