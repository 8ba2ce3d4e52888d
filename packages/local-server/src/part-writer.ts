import { createHash } from "node:crypto";
import { join } from "node:path";
import { unfinishedName } from "./atomic-file.js";
import type { FileSystem, OpenFile } from "./file-system.js";

/** Part bytes that have been synced under a name that means nothing yet. */
export interface WrittenPart {
  readonly path: string;
  readonly bytes: number;
  /** 32 lower-case hex digits. */
  readonly md5: string;
}

/** What one part may hold in memory while it is on its way is about twice this. */
const GATHER_BYTES = 512 * 1024;

/**
 * Streams a part to a new file in `folder`, and syncs it. Where the body breaks off or the disk fails,
 * the file is removed and the reason thrown. The caller renames the file or removes it.
 */
export async function writePart(
  fs: FileSystem,
  folder: string,
  body: AsyncIterable<Uint8Array>,
): Promise<WrittenPart> {
  const path = join(folder, unfinishedName());
  const file = await fs.open(path, "create");
  try {
    const written = await appendBody(file, body);
    await file.sync();
    await file.close();
    return { path, ...written };
  } catch (error) {
    await file.close().catch(() => undefined);
    await fs.unlink(path);
    throw error;
  }
}

/** Writes what has been gathered while the next slices arrive and are hashed. */
async function appendBody(file: OpenFile, body: AsyncIterable<Uint8Array>) {
  const md5 = createHash("md5");
  let bytes = 0;
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  let writing = Promise.resolve();
  try {
    for await (const slice of body) {
      md5.update(slice);
      gathered.push(slice);
      gatheredBytes += slice.length;
      bytes += slice.length;
      if (gatheredBytes < GATHER_BYTES) continue;
      await writing;
      writing = file.append(gathered);
      // Looked at above or below; until then a failure is not unhandled.
      writing.catch(() => undefined);
      gathered = [];
      gatheredBytes = 0;
    }
  } finally {
    await writing;
  }
  await file.append(gathered);
  return { bytes, md5: md5.digest("hex") };
}
