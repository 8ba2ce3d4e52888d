import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { realFileSystem } from "@img/files";
import { StoreFullError } from "../objects/image-bytes.js";
import { CountedSpace } from "./space.js";
import type { Space } from "./space.js";

const MiB = 1024 ** 2;

/** Makes a quota of 10 MiB, of which each account may use 8, on a disk with room for all. */
function spaceOf(freeBytes: number = Infinity): { space: Space; clock: { ms: number } } {
  const clock = { ms: 0 };
  const fs = { ...realFileSystem, freeBytes: () => Promise.resolve(freeBytes) };
  const limits = { maxStoreBytes: 10 * MiB, maxAccountBytes: 8 * MiB };
  return { space: new CountedSpace(fs, "/", limits, () => clock.ms), clock };
}

test("bytes that were declared but have not arrived reserve only a window", async () => {
  const { space: one } = spaceOf();
  for (let n = 0; n < 4; n++) (await one.reserve("a", 4 * MiB)).arrived(1);
  const other = await one.reserve("b", 5 * MiB);
  other.arrived(5 * MiB);
  expect(() => other.arrived(5 * MiB)).not.toThrow();
});

test("a part is refused when other parts have taken its space meanwhile", async () => {
  const { space: one } = spaceOf();
  const [first, second] = [await one.reserve("a", 8 * MiB), await one.reserve("b", 8 * MiB)];
  second.arrived(8 * MiB);
  first.arrived(MiB);
  expect(() => first.arrived(3 * MiB)).toThrow(StoreFullError);
  second.release();
  expect(() => first.arrived(3 * MiB)).not.toThrow();
});

test("a part that is too slow for its window reserves only what has arrived", async () => {
  const { space: one, clock } = spaceOf();
  const slow = await Promise.all(Array.from({ length: 8 }, () => one.reserve("a", MiB)));
  for (const room of slow) room.arrived(1);
  await expect(one.reserve("b", 3 * MiB)).rejects.toThrow(StoreFullError);
  clock.ms = 60_001;
  await one.reserve("b", 8 * MiB);
});

test("a part that was too slow for its window is checked again when it sends more", async () => {
  const { space: one, clock } = spaceOf();
  const slow = await one.reserve("a", 8 * MiB);
  clock.ms = 60_001;
  const other = await one.reserve("b", 8 * MiB);
  other.arrived(8 * MiB);
  one.add("c", 2 * MiB);
  expect(() => slow.arrived(1)).toThrow(StoreFullError);
});

test("parts that arrive together do not reserve more space than there is", async () => {
  const { space: one } = spaceOf();
  const rooms = Array.from({ length: 20 }, () => one.reserve("a", MiB / 2));
  const outcomes = await Promise.allSettled(rooms);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(16);
});

test("an account has a quota of its own", async () => {
  const { space: one } = spaceOf();
  one.add("a", 7 * MiB);
  await expect(one.reserve("a", 2 * MiB)).rejects.toThrow("The account's quota of 8388608 bytes");
  await one.reserve("b", 2 * MiB);
  one.add("a", -2 * MiB);
  await one.reserve("a", 2 * MiB);
});

test("a part is refused if the disk has no room for it, or would have none for records", async () => {
  const { space: one } = spaceOf(70 * MiB);
  await expect(one.reserve("a", 7 * MiB)).rejects.toThrow("disk is full");
  const held = await one.reserve("a", 5 * MiB);
  await expect(one.reserve("b", 5.5 * MiB)).rejects.toThrow("disk is full");
  held.release();
  await one.reserve("b", 5.5 * MiB);
});

// fault D33
test.runIf(process.platform === "linux")(
  "a part that is longer than a file of this process may be is refused before it is read",
  async () => {
    const pid = String(process.pid);
    execFileSync("prlimit", ["--pid", pid, `--fsize=${2 ** 40}:`]);
    onTestFinished(() => void execFileSync("prlimit", ["--pid", pid, "--fsize=unlimited:"]));
    const fs = { ...realFileSystem, freeBytes: () => Promise.resolve(Infinity) };
    const limits = { maxStoreBytes: Infinity, maxAccountBytes: Infinity };
    const space = new CountedSpace(fs, "/", limits);
    await expect(space.reserve("a", 2 ** 40 + 1)).rejects.toThrow(
      "A part of 1099511627777 bytes is too long: 1099511627776 are the most for a file of this process. Raise the limit: ulimit -f.",
    );
    (await space.reserve("a", 2 ** 40)).release();
  },
);
