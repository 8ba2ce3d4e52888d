import {
  openRegular,
  removeIfThere,
  unlessMissing,
  writeFully,
  type FileSystem,
  type OpenFile,
} from "@img/files";
import { dataRuns } from "./data-runs.js";
import { formerPathOf } from "./file-target.js";

/** How much is copied at once. */
const stepBytes = 1024 * 1024;

/**
 * Renames a part file to which a former holder of its lock may still write. It is copied before it is used, and the copy
 * is compared with the receipts.
 */
export async function putPartAside(fs: FileSystem, partPath: string): Promise<void> {
  await fs.rename(partPath, formerPathOf(partPath)).catch(unlessMissing);
}

/** Copies the renamed part file back, if there is one and no newer part file. */
export async function takeFormerPart(fs: FileSystem, partPath: string): Promise<void> {
  const former = await openRegular(fs, formerPathOf(partPath), "read").catch(unlessMissing);
  if (former === null) return;
  try {
    const since = await fs.lstat(partPath).catch(unlessMissing);
    if (since === null) await copyTo(fs, former.file, Number(former.stat.size), partPath);
  } finally {
    await former.file.close();
  }
  await removeIfThere(fs, formerPathOf(partPath));
}

async function copyTo(
  fs: FileSystem,
  from: OpenFile,
  sizeBytes: number,
  path: string,
): Promise<void> {
  const draft = `${path}.copy`;
  await removeIfThere(fs, draft);
  const to = await fs.open(draft, "create");
  try {
    await copyData(from, to, sizeBytes);
    await to.sync();
    await fs.rename(draft, path);
  } catch (error) {
    await removeIfThere(fs, draft).catch(() => undefined); // the first error says more
    throw error;
  } finally {
    await to.close();
  }
}

/** Copies the data of a file; holes stay holes. */
async function copyData(from: OpenFile, to: OpenFile, sizeBytes: number): Promise<void> {
  const bytes = new Uint8Array(Math.min(stepBytes, sizeBytes));
  for (let position = 0; position < sizeBytes;) {
    const count = await from.read(bytes, position);
    if (count === 0) break; // the file has become shorter
    for (const { start, end } of dataRuns(bytes.subarray(0, count))) {
      await writeFully(to, bytes.subarray(start, end), position + start);
    }
    position += count;
  }
  await to.truncate(sizeBytes);
}
