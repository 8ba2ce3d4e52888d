import type { FileSystem } from "../files/file-system.js";
import { hasCode, readWhole, writeFully } from "../files/file-system.js";
import type { Holder } from "./lock-holder.js";

/** What stands in a lock's place. */
export interface Found {
  readonly token: string;
  /** Null if the lock cannot be read: no process writes one so, but a damaged disk may. */
  readonly holder: Holder | null;
}

/** Null if nothing stands there. */
export async function readLock(fs: FileSystem, path: string): Promise<Found | null> {
  try {
    const holder = parseHolder(await readWhole(fs, path));
    if (holder !== null) return { token: holder.token, holder };
    return { token: `damaged-${(await fs.stat(path)).ino}`, holder: null };
  } catch (error) {
    return unlessMissing(error);
  }
}

function parseHolder(bytes: Uint8Array): Holder | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isHolder(value) ? value : null;
  } catch {
    return null;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== "object" || value === null) return false;
  const of: Partial<Record<keyof Holder, unknown>> = value;
  const seen = [of.startTime, of.bootId, of.machineId, of.pidNamespace];
  return (
    typeof of.token === "string" &&
    /^[0-9a-f]{16}$/.test(of.token) &&
    Number.isSafeInteger(of.pid) &&
    Number(of.pid) > 0 && // to the kernel, 0 and less are process groups
    typeof of.host === "string" &&
    Number.isSafeInteger(of.sinceSec) &&
    seen.every((word) => word === null || typeof word === "string")
  );
}

/** Whether the lock there is this very taking's. */
export async function stands(fs: FileSystem, path: string, token: string): Promise<boolean> {
  return (await readLock(fs, path))?.token === token;
}

/** Synced, since after a power loss a lock that cannot be read would need force. */
export async function writeLock(fs: FileSystem, path: string, holder: Holder): Promise<void> {
  const file = await fs.open(path, "create", 0o600);
  try {
    await writeFully(file, new TextEncoder().encode(`${JSON.stringify(holder)}\n`), 0);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Puts the lock at `from` also at `place`; false if something stands there. */
export async function putLock(
  fs: FileSystem,
  from: string,
  place: string,
  holder: Holder,
): Promise<boolean> {
  try {
    await fs.link(from, place);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    if (!hasCode(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS")) throw error;
    return putWithoutLink(fs, place, holder);
  }
}

/** For FAT and its like. A reader that comes too early sees a lock that it cannot read, and keeps away. */
async function putWithoutLink(fs: FileSystem, place: string, holder: Holder): Promise<boolean> {
  try {
    await writeLock(fs, place, holder);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

export async function unlinkIfThere(fs: FileSystem, path: string): Promise<void> {
  await fs.unlink(path).catch(unlessMissing);
}

/** For `catch`: ENOENT is an answer, everything else stays an error. */
export function unlessMissing(error: unknown): null {
  if (hasCode(error, "ENOENT")) return null;
  throw error;
}
