import { execFileSync } from "node:child_process";
import { open } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { partBytes, seededBytes, sha256Of } from "../testing/seeded.js";
import { openWorld } from "../testing/world.js";
import { lastReadable, numbersOf } from "./block-device.js";

// fault D38
test.each([0, 1, 2, 3, 511, 512, 513, 2 ** 37 + 1])(
  "the size of a device of %i bytes is found by reading at few places",
  async (sizeBytes) => {
    let looks = 0;
    const has = async (offset: number): Promise<boolean> => (looks++, offset < sizeBytes);
    expect(await lastReadable(has)).toBe(sizeBytes);
    expect(looks).toBeLessThan(100);
  },
);

test("a device's numbers are those that /sys knows it by", () => {
  expect(numbersOf(0xfe10n)).toEqual({ major: 254n, minor: 16n });
  expect(numbersOf(17592472305776n)).toEqual({ major: 4096n, minor: 70000n });
});

/** Attaching one is root's. */
const mayAttach = process.platform === "linux" && process.getuid?.() === 0;

function attach(path: string): string {
  const device = execFileSync("losetup", ["--find", "--show", path], { encoding: "utf8" }).trim();
  onTestFinished(() => void execFileSync("losetup", ["--detach", device]));
  return device;
}

// fault D38
test.runIf(mayAttach)(
  "a block device is uploaded and resumed; what was sent is read again, since its metadata prove nothing",
  async () => {
    const world = await openWorld();
    const bytes = seededBytes("device", 3 * partBytes);
    const device = attach(await world.file("disk", bytes));
    const given = { name: "disk", lanes: 1 };
    const stop = () =>
      world.server.faults.add({
        on: "part",
        partId: 3,
        times: Infinity,
        do: "answer",
        status: 501,
      });
    const stopped = stop();
    await expect(world.upload(device, given)).rejects.toMatchObject({ code: "PART_REFUSED" });
    stopped.remove();
    const result = await world.upload(device, given);
    expect(result).toMatchObject({ resumed: true, sentBytes: partBytes, sha256: sha256Of(bytes) });

    stop();
    const other = { name: "other", lanes: 1 };
    await expect(world.upload(device, other)).rejects.toMatchObject({ code: "PART_REFUSED" });
    const file = await open(device, "r+");
    await file.write(Buffer.from("changed"), 0, 7, 100);
    await file.close();
    world.server.faults.clear();
    await expect(world.upload(device, other)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  },
);
