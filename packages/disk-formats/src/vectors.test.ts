import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diskFormats, openDisk } from "./index.js";
import { MemoryFile, never } from "./testing/open-file.js";
import { readBytes, readVector, testdata } from "./testing/read-vector.js";

describe.each(diskFormats)("%s", (format) => {
  const vectors = readdirSync(join(testdata, format)).map((name) => ({
    name,
    ...readVector(format, name),
  }));

  // fault D47
  test.each(vectors)("$name: $title", async ({ image, expected }) => {
    const [first = "", ...rest] = expected;
    if (!first.startsWith("disk ")) {
      const [code = "", ...words] = first.split(" ");
      const error: unknown = await readAll(image).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code });
      expect((error as Error).message).toContain(words.join(" "));
      return;
    }
    const { disk, bytes } = await readAll(image);
    expect(`disk ${disk.format} ${disk.sizeBytes}`).toBe(first);
    const wanted = rest.includes("more") ? Buffer.from(bytes) : Buffer.alloc(disk.sizeBytes);
    for (const [, offset = "", word = ""] of rest.map((line) => line.split(" "))) {
      wanted.set(readBytes(word), parseInt(offset, 16) || 0);
    }
    expect(bytes.equals(wanted)).toBe(true);
  });
});

/** Opens a disk, reads all of its tables, and reads its bytes: a fault shows in one of the three. */
async function readAll(image: Uint8Array) {
  const file = new MemoryFile(image);
  const disk = await openDisk(file);
  await disk.describe(never);
  const bytes = Buffer.alloc(disk.sizeBytes, 0xee);
  await disk.read(0, bytes, never);
  return { disk, bytes };
}
