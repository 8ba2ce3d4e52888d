import { writeDurably } from "./atomic-file.js";
import {
  hasCode,
  isLinkRefused,
  readFully,
  unlessMissing,
  writeFully,
  type FileSystem,
  type OpenFile,
} from "./file-system.js";
import type { Holder } from "./lock-holder.js";
import { openRegular, readWhole } from "./regular-file.js";

/** What stands in a lock's place. */
export interface Found {
  readonly token: string;
  /** Null if the lock cannot be read: no process writes one so, but a damaged disk may. */
  readonly holder: Holder | null;
  /** How often its holder has renewed it; null if it never does, as those of older versions. */
  readonly counter: string | null;
}

/** Stands first in the file, always of this length: a renewal is one write of these bytes. */
const counterStart = '{"counter":"';
const counterDigits = 12;
/** In the counter's place: the holder has released the lock, and could not delete it. */
export const released: string = "-".repeat(counterDigits);

export const counterText = (count: number): string => String(count).padStart(counterDigits, "0");

/** Null if nothing stands there. Opens the file each time, so that a network's file system looks, too. */
export async function readLock(fs: FileSystem, path: string): Promise<Found | null> {
  const bytes = await readWhole(fs, path).catch(unlessMissing);
  if (bytes === null) return null;
  const found = parseLock(bytes);
  if (found !== null) return found;
  const stat = await fs.stat(path).catch(unlessMissing);
  return stat && { token: `damaged-${stat.ino}`, holder: null, counter: null };
}

function parseLock(bytes: Uint8Array): Found | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!isHolder(value)) return null;
    const { counter } = value as { readonly counter?: unknown };
    const renews = typeof counter === "string" && /^(\d{12}|-{12})$/.test(counter);
    return { token: value.token, holder: value, counter: renews ? counter : null };
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
export async function writeLock(
  fs: FileSystem,
  path: string,
  holder: Holder,
  mode: number,
): Promise<void> {
  const text = `${counterStart}${counterText(0)}",${JSON.stringify(holder).slice(1)}\n`;
  await writeDurably(fs, path, text, mode);
}

/** Opens the lock there, if it is this very taking's: what is written to it reaches no other's. */
export async function openOwnLock(
  fs: FileSystem,
  path: string,
  token: string,
): Promise<OpenFile | null> {
  const opened = await openRegular(fs, path, "update").catch(unlessMissing);
  if (opened === null) return null;
  const { file, stat } = opened;
  try {
    const bytes = new Uint8Array(Number(stat.size));
    await readFully(file, bytes, 0);
    if (parseLock(bytes)?.token === token) return file;
  } catch (error) {
    await file.close().catch(() => undefined); // the first error says more
    throw error;
  }
  await file.close();
  return null;
}

/** Writes the counter's place in an open lock. */
export async function writeCounter(file: OpenFile, counter: string): Promise<void> {
  await writeFully(file, new TextEncoder().encode(counter), counterStart.length);
  await file.datasync();
}

/** Puts the lock at `from` also at `place`; false if something stands there. */
export async function putLock(
  fs: FileSystem,
  from: string,
  place: string,
  holder: Holder,
  mode: number,
): Promise<boolean> {
  try {
    await fs.link(from, place);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    if (!isLinkRefused(error)) throw error;
    return putWithoutLink(fs, place, holder, mode);
  }
}

/** For FAT and its like. A reader that comes too early sees a lock that it cannot read, and keeps away. */
async function putWithoutLink(
  fs: FileSystem,
  place: string,
  holder: Holder,
  mode: number,
): Promise<boolean> {
  try {
    await writeLock(fs, place, holder, mode);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}
