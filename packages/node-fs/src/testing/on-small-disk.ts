import { onTestFinished, test } from "vitest";
import { mountSmallDisk, type SmallDisk } from "./small-disk.js";

const canMount = await mountSmallDisk(1024 ** 2).then(async (disk) => {
  await disk?.close();
  return disk !== null;
});

/** A test on a real disk that gets full. If none can be mounted, its title says that it did not run. */
export function onSmallDisk(
  title: string,
  sizeBytes: number,
  run: (disk: SmallDisk) => Promise<void>,
): void {
  if (!canMount) {
    test(`${title} (not here: only root may mount a small disk)`, () => undefined);
    return;
  }
  test(title, async () => {
    const disk = await mountSmallDisk(sizeBytes);
    if (disk === null) throw new Error("It could be mounted a moment ago.");
    onTestFinished(() => disk.close());
    await run(disk);
  });
}
