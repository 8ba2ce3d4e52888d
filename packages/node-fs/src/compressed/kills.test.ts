import { createHash } from "node:crypto";
import { describeJournal } from "@img/transfer";
import { expect, test } from "vitest";
import { fileJournals } from "../journals/journal-store.js";
import { runChild } from "../testing/child.js";
import { diskOf, hasPackers, packers } from "../testing/packers.js";
import { sha256Of } from "../testing/seeded.js";
import { openWorld, type World } from "../testing/world.js";

/** Reproducible chance. */
const below = (seed: string, most: number): number =>
  createHash("sha256").update(seed).digest().readUInt32LE() % most;

const parts = 4;
const disk = diskOf(parts * 13_743_896 - 777);
/** `IMG_KILLED_UPLOADS=20` is a longer run. */
const rounds = Number(process.env["IMG_KILLED_UPLOADS"] ?? 1);
const each = (["gzip", "xz", "zstd"] as const).flatMap((kind) =>
  Array.from({ length: rounds }, (_, round) => [kind, round + 1] as const),
);

/** Runs an upload in a process, and kills it when one of its parts is asked for, or just before its first. */
async function killAtPart(world: World, path: string, part: number): Promise<void> {
  let left = part;
  const options = JSON.stringify({ stateDir: world.stateDir, lanes: 2, partBytes: 5 * 1024 ** 2 });
  const child = runChild(world, `img.uploadImage(${JSON.stringify(path)}, ${options})`);
  const asked = new Promise<void>((resolve) => {
    const only = (): boolean => (left-- <= 0 && resolve(), false);
    const fault = { only, do: "reset", times: Infinity } as const;
    world.server.faults.add({ ...fault, on: "part" });
    world.server.faults.add({ ...fault, on: "partUrl" });
  });
  await Promise.race([asked, child.result]);
  await child.kill();
  world.server.faults.clear();
}

// fault D01
test.runIf(hasPackers).each(each)(
  "an upload of a %s file that is killed at random moments, up to three times, ends as the right image (%i)",
  async (kind, round) => {
    const world = await openWorld();
    const path = await world.file("disk", packers[kind](disk));
    const seed = `${kind} ${round}`;
    for (let kill = 0; kill < 1 + below(`kills ${seed}`, 3); kill++) {
      await killAtPart(world, path, below(`moment ${seed} ${kill}`, 2 * parts));
    }
    const [stored] = await fileJournals(world.stateDir).list();
    const doneBytes = stored === undefined ? 0 : describeJournal(stored).doneBytes;

    const result = await world.upload(path);

    expect(result.sentBytes).toBe(disk.length - doneBytes);
    expect(await world.storedSha256(result.image.id)).toBe(sha256Of(disk));
  },
);
