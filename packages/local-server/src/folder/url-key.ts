import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type FileSystem, hasCode, readText, writeAtomically } from "@img/files";

/** Reads the folder's signing key, which is made if missing. URLs stay valid across a restart. */
export async function readOrMakeKey(fs: FileSystem, dir: string): Promise<Buffer> {
  const path = join(dir, "url-key");
  const text = await readText(fs, path);
  if (text !== undefined && /^[0-9a-f]{64}\n$/.test(text)) return Buffer.from(text.trim(), "hex");
  const key = randomBytes(32);
  await writeAtomically(fs, path, `${key.toString("hex")}\n`);
  return key;
}

/**
 * Checks that the key is a secret of ours. Anyone who can read it can read and write images without a token,
 * and so can its creator.
 *
 * @returns What is wrong; undefined if nothing is, or there is no key yet.
 */
export async function keyFault(fs: FileSystem, dir: string): Promise<string | undefined> {
  if (process.platform === "win32") return undefined;
  const found = await fs.stat(join(dir, "url-key")).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  const what = "its url-key, which signs the presigned URLs,";
  const ours: readonly (number | undefined)[] = [0, process.getuid?.()];
  if (!ours.includes(Number(found.uid))) return `${what} belongs to another user: delete it`;
  if ((found.mode & 0o077) !== 0) return `others may read ${what} so delete it`;
  return undefined;
}
