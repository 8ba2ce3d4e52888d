import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
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
import type { UploadImageOptions } from "../upload.js";

const threeParts = seededBytes("source", 3 * partBytes);

type Change = readonly [string, (path: string) => void, string];

const fewerBytes = "has changed since this run began";
/** Whichever is first: the next part is read, or the file is looked at. */
const shorter = `(?:${fewerBytes}|is shorter than it was)`;
const otherBytes = "its bytes are not those that were sent";

/** Each is done in one go: what comes to the server meanwhile waits for it. */
const changes: readonly Change[] = [
  ["truncated", (path) => truncateSync(path, 3 * partBytes - 1), shorter],
  ["grown", (path) => appendFileSync(path, "x"), fewerBytes],
  ["deleted", (path) => unlinkSync(path), "is no longer there"],
  ["rewritten with its mtime put back", rewriteWithMtimePutBack, otherBytes],
  ["replaced by rename", replaceByRename, otherBytes],
];

// fault D25
test.each(changes)(
  "the source is %s while running: SourceChangedError, never complete",
  async (_, change, said) => {
    const world = await openWorld();
    const path = await world.file("image.raw", threeParts);
    whenAsked(world, "part", 2, () => change(path));

    await expect(world.upload(path, { lanes: 1 })).rejects.toMatchObject({
      code: "SOURCE_CHANGED",
      message: expect.stringMatching(
        `${said}.*Try again first: .* restore the original file, or start over`,
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

// fault D25
test.each<Change>([
  ["truncated", (path) => truncateSync(path, 3 * partBytes - 1), ""],
  ["grown", (path) => appendFileSync(path, "x"), ""],
  ["deleted", (path) => unlinkSync(path), ""],
])("the source is %s while running: nothing is read after that", async (_, change) => {
  const world = await openWorld();
  const path = await world.file("image.raw", threeParts);
  whenAsked(world, "part", 1, () => change(path));

  const uploading = world.upload(path, { lanes: 1, memoryBytes: partBytes });

  await expect(uploading).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  expect(world.server.requests.part).toBe(1);
});

// fault D61
test.each<readonly [string, (path: string) => void]>([
  ["touched", (path) => utimesSync(path, 1, 1)],
  ["chmod", (path) => chmodSync(path, 0o600)],
  ["linked", (path) => linkSync(path, `${path}.link`)],
  ["replaced by a copy", replaceByCopyNow],
])("the source is %s while running: it is read once more, and completed", async (_, touch) => {
  const world = await openWorld();
  const path = await world.file("image.raw", threeParts);
  whenAsked(world, "part", 2, () => touch(path));
  const phases = new Set<string>();

  const result = await world.upload(path, {
    lanes: 1,
    onProgress: (told) => phases.add(told.phase),
  });

  expect([...phases].slice(-3)).toEqual(["moving", "finishing", "rereading"]);
  expect(result.sentBytes).toBe(threeParts.length);
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(threeParts));
  expect(await world.upload(path)).toMatchObject({ sentBytes: 0, image: { id: result.image.id } });
});

// fault D61
test("a source whose metadata never stand still is read once more, not for ever", async () => {
  const world = await openWorld();
  const path = await world.file("image.raw", threeParts);
  let rereadings = 0;
  let phase = "preparing";
  let seconds = 1;

  const result = await world.upload(path, {
    lanes: 1,
    onProgress: (told) => {
      if (told.phase === "rereading" && phase !== told.phase) rereadings++;
      phase = told.phase;
      utimesSync(path, 1, seconds++);
    },
  });

  expect(rereadings).toBe(1);
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(threeParts));
});

// fault D61
test("a resumed upload whose source is touched meanwhile sends only what is missing", async () => {
  const world = await openWorld();
  const path = await stopped(world);
  whenAsked(world, "part", 1, () => utimesSync(path, 1, 1));
  await goesOn(world, path);
});

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
  world.server.faults.add({ on: "part", partId: 2, times: Infinity, do: "stall", afterBytes: 0 });
  const stop = new AbortController();
  const onPart = (): void => stop.abort(new Error("stopped"));
  const uploading = world.upload(path, { lanes: 1, onPart, signal: stop.signal });
  await expect(uploading).rejects.toThrow("stopped");
  world.server.faults.clear();
  return path;
}

function putByte(path: string, at: number): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.of(threeParts[at]! ^ 0xff), 0, 1, at);
  closeSync(file);
}

function rewriteWithMtimePutBack(path: string): void {
  const { atime, mtime } = statSync(path);
  putByte(path, 0);
  utimesSync(path, atime, mtime);
}

function replaceByRename(path: string): void {
  writeFileSync(`${path}.new`, seededBytes("other", threeParts.length));
  renameSync(`${path}.new`, path);
}

function replaceByCopyNow(path: string): void {
  copyFileSync(path, `${path}.copy`);
  renameSync(`${path}.copy`, path);
}

async function replaceByCopy(path: string): Promise<void> {
  await copyFile(path, `${path}.copy`);
  await rename(`${path}.copy`, path);
}
