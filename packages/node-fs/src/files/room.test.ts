import { execFileSync } from "node:child_process";
import { realFileSystem } from "@img/files";
import { NotEnoughSpaceError, TargetUnusableError } from "@img/transfer";
import { expect, onTestFinished, test } from "vitest";
import { mountSmallDisk } from "../testing/small-disk.js";
import { checkRoom, type LowSpace } from "./room.js";

// fault D33
test.runIf(process.platform === "linux")(
  "a file longer than this process may write is refused before the first byte",
  async () => {
    const pid = String(process.pid);
    execFileSync("prlimit", ["--pid", pid, `--fsize=${2 ** 40}:`]);
    onTestFinished(() => void execFileSync("prlimit", ["--pid", pid, "--fsize=unlimited:"]));
    const wanted = { sizeBytes: 2 ** 40 + 1, missingBytes: 1, freeBytes: Infinity };
    const refused = checkRoom("/tmp/a", wanted, { requireSpace: false });
    await expect(refused).rejects.toThrow(TargetUnusableError);
    await expect(refused).rejects.toThrow("ulimit -f");
  },
);

// fault D32
test("too little room is told, and an error only where room is required", async () => {
  const told: LowSpace[] = [];
  const wanted = { sizeBytes: 300, missingBytes: 200, freeBytes: 100 };
  const onLowSpace = (space: LowSpace): void => void told.push(space);
  await checkRoom("/tmp/a", wanted, { requireSpace: false, onLowSpace });
  expect(told).toEqual([{ neededBytes: 200, freeBytes: 100 }]);
  const refused = checkRoom("/tmp/a", wanted, { requireSpace: true, onLowSpace });
  await expect(refused).rejects.toThrow(NotEnoughSpaceError);
});

// fault D31
test("a file system that tells 0 blocks in all has room, as far as is known", async () => {
  const disk = await mountSmallDisk(0);
  if (disk === null) return;
  onTestFinished(() => disk.close());
  expect(await realFileSystem.freeBytes(disk.folder)).toBe(Infinity);
});
