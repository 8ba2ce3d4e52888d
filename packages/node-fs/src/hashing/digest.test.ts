import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WorkerDigest } from "./digest.js";
import { census, leftOver } from "../testing/left-over.js";

test("a digest that is closed while its thread starts leaves nothing behind", async () => {
  const before = census();
  for (let times = 0; times < 30; times++) {
    const digest = new WorkerDigest("unused");
    await new Promise((resolve) =>
      process.once("worker", (thread) => thread.once("online", resolve)),
    );
    await digest.close();
  }
  expect(await leftOver(before)).toEqual([]);
});

test("what is asked of a digest whose thread died is DigestFailedError", async () => {
  const digest = new WorkerDigest("unused");
  await digest.close();
  await expect(digest.update(new Uint8Array(10))).rejects.toMatchObject({ code: "DIGEST_FAILED" });
  await expect(digest.finish()).rejects.toMatchObject({ code: "DIGEST_FAILED" });
});

test("a file that cannot be read for the digest is DigestFailedError", async () => {
  const digest = new WorkerDigest("/nowhere/at/all");
  const read = digest.updateFromFile(0, 10);
  await expect(read).rejects.toMatchObject({
    code: "DIGEST_FAILED",
    message: expect.stringContaining("ENOENT") as string,
  });
  await digest.close();
});

const opened = (path: string): number =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false; // closed meanwhile
    }
  }).length;

// fault D45
test.runIf(process.platform === "linux")(
  "a digest whose thread hangs in a read can be closed all the same",
  async () => {
    const before = census();
    const fifo = join(mkdtempSync(join(tmpdir(), "img-")), "hangs");
    execFileSync("mkfifo", [fifo]);
    const writer = openSync(fifo, "r+");
    const digest = new WorkerDigest(fifo);
    const read = digest.updateFromFile(0, 10);
    read.catch(() => undefined);
    await expect.poll(() => opened(fifo)).toBe(2);

    await digest.close();

    await expect(read).rejects.toMatchObject({ code: "DIGEST_FAILED" });
    closeSync(writer); // the read ends, and with it the thread
    expect(await leftOver(before)).toEqual([]);
  },
);
