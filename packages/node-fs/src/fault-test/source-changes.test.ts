import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import {
  chmod,
  copyFile,
  cp,
  link,
  mkdir,
  mkdtemp,
  rename,
  rm,
  stat,
  truncate,
  utimes,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { partBytes, seededBytes, sha256Of } from "../testing/seeded.js";
import { whenAsked } from "../testing/when-asked.js";
import { openWorld, type World } from "../testing/world.js";
import type { UploadImageOptions } from "../upload-image.js";

const threeParts = seededBytes("source", 3 * partBytes);

/** Each is done in one go: what comes to the server meanwhile waits for it. */
const changes: readonly (readonly [string, (path: string) => void])[] = [
  ["truncated", (path) => truncateSync(path, 3 * partBytes - 1)],
  ["grown", (path) => appendFileSync(path, "x")],
  ["rewritten with its mtime put back", rewriteWithMtimePutBack],
  ["replaced by rename", replaceByRename],
  ["deleted", (path) => unlinkSync(path)],
];

// fault D25
test.each(changes)(
  "the source is %s while running: SourceChangedError, never complete",
  async (what, change) => {
    const world = await openWorld();
    const path = await world.file("image.raw", threeParts);
    const said = what === "deleted" ? "is no longer there" : "is not what it was when";
    whenAsked(world, "part", 2, () => change(path));

    await expect(world.upload(path, { lanes: 1 })).rejects.toMatchObject({
      code: "SOURCE_CHANGED",
      message: expect.stringMatching(
        `${said}.*Try again first: .* put the former file back, or start anew`,
      ) as string,
    });
    expect(world.server.requests.complete).toBe(0);
  },
);

// fault D25
test.each(changes)(
  "the source is %s when all parts were sent: never complete",
  async (_, change) => {
    const world = await openWorld();
    const path = await world.file("image.raw", threeParts);
    whenAsked(world, "part", 3, () => change(path));
    await expect(world.upload(path, { lanes: 1 })).rejects.toMatchObject({
      code: "SOURCE_CHANGED",
    });
    expect(world.server.requests.complete).toBe(0);
  },
);

// fault D26
test("between runs: the size differs: SourceChangedError, or a new upload where the caller says so", async () => {
  const world = await openWorld();
  const path = await stopped(world);
  await truncate(path, 2 * partBytes);

  await expect(world.upload(path)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  expect(world.server.requests.complete).toBe(0);
  const result = await world.upload(path, { ifSourceChanged: "restart" });
  const now = threeParts.subarray(0, 2 * partBytes);
  expect(result).toMatchObject({ resumed: false, sha256: sha256Of(now) });
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(now));
});

// fault D26
test.each([
  ["first", 0],
  ["last", partBytes - 1],
])("between runs: the %s byte inside a part that was sent: SourceChangedError", async (_, at) => {
  const world = await openWorld();
  const path = await stopped(world);
  putByte(path, at);

  await expect(world.upload(path)).rejects.toMatchObject({
    code: "SOURCE_CHANGED",
    message: expect.stringContaining("part 1") as string,
  });
  expect(world.server.requests.complete).toBe(0);
});

test("between runs: a byte inside a part that was sent: a new upload where the caller says so", async () => {
  const world = await openWorld();
  const path = await stopped(world);
  putByte(path, 0);
  const now = Buffer.from(threeParts);
  now[0]! ^= 0xff;

  const result = await world.upload(path, { ifSourceChanged: "restart" });

  expect(result.sha256).toBe(sha256Of(now));
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(now));
});

// fault D27
test.each<readonly [string, (path: string) => Promise<unknown>]>([
  ["touched", (path) => utimes(path, 1, 1)],
  ["chmod", (path) => chmod(path, 0o600)],
  ["linked", (path) => link(path, `${path}.link`)],
  ["replaced by a copy", replaceByCopy],
])("between runs: %s: what was sent is compared, and not sent again", async (_, touch) => {
  const world = await openWorld();
  const path = await stopped(world);
  await touch(path);
  await goesOn(world, path);
});

// fault D27
test("between runs: copied elsewhere under another name: what was sent is not sent again", async () => {
  const world = await openWorld();
  const path = await stopped(world);
  const elsewhere = world.path("elsewhere.raw");
  await copyFile(path, elsewhere);
  await goesOn(world, elsewhere);
});

// fault D27
test.skipIf(!existsSync("/dev/shm") || statSync("/dev/shm").dev === statSync(tmpdir()).dev)(
  "between runs: on a file system of another device, as after a remount: what was sent is not sent again",
  async () => {
    const world = await openWorld();
    const path = await stopped(world);
    const folder = await mkdtemp(join(tmpdir(), "img-test-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const elsewhere = join(folder, "image.raw");
    await copyFile(path, elsewhere);
    expect((await stat(elsewhere)).dev).not.toBe((await stat(path)).dev);
    await goesOn(world, elsewhere);
  },
);

// fault D27
test("between runs: moved to another machine with its state folder: what was sent is not sent again", async () => {
  const world = await openWorld();
  const path = await stopped(world);
  const machine = world.path("another-machine");
  await mkdir(machine);
  await rename(path, join(machine, "image.raw"));
  await cp(world.stateDir, join(machine, "state"), { recursive: true });
  await rm(world.stateDir, { recursive: true });
  await mkdir(world.stateDir);
  await goesOn(world, join(machine, "image.raw"), { stateDir: join(machine, "state") });
});

/** The next run, from a file with the same bytes, sends the two parts that are left. */
async function goesOn(world: World, path: string, options: UploadImageOptions = {}): Promise<void> {
  const result = await world.upload(path, { name: "image.raw", ...options });
  expect(result).toMatchObject({ resumed: true, sentBytes: 2 * partBytes });
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(threeParts));
}

/** An upload whose first part has a receipt, and no other. */
async function stopped(world: World): Promise<string> {
  const path = await world.file("image.raw", threeParts);
  world.server.faults.add({ on: "part", nth: 2, times: 2, do: "answer", status: 501 });
  await expect(world.upload(path, { lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });
  world.server.faults.clear();
  expect(world.server.requests.part).toBe(2);
  return path;
}

function putByte(path: string, at: number): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.of(threeParts[at]! ^ 0xff), 0, 1, at);
  closeSync(file);
}

function rewriteWithMtimePutBack(path: string): void {
  const { atime, mtime } = statSync(path);
  putByte(path, 3 * partBytes - 1);
  utimesSync(path, atime, mtime);
}

function replaceByRename(path: string): void {
  writeFileSync(`${path}.new`, seededBytes("other", threeParts.length));
  renameSync(`${path}.new`, path);
}

async function replaceByCopy(path: string): Promise<void> {
  await copyFile(path, `${path}.copy`);
  await rename(`${path}.copy`, path);
}
