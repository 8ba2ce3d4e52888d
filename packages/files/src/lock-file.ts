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

/** The content of a lock file. */
export interface Found {
  readonly token: string;
  /**
   * The holder; null if the lock cannot be read. No process writes such a lock, but a damaged disk may have
   * one.
   */
  readonly holder: Holder | null;
  /** The counter of renewals; null if the holder never renews, as holders of older versions. */
  readonly counter: string | null;
}

/** The start of the file, always of this length: a renewal is one write of these bytes. */
const counterStart = '{"counter":"';
const counterDigits = 12;
/** In place of the counter: the holder has released the lock, but could not delete it. */
export const released: string = "-".repeat(counterDigits);

export const counterText = (count: number): string => String(count).padStart(counterDigits, "0");

/**
 * Reads the lock; null if there is none. Opens the file each time, so that a network file system reads it
 * again.
 */
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
    Number(of.pid) > 0 && // to the kernel, 0 and negative numbers are process groups
    typeof of.host === "string" &&
    Number.isSafeInteger(of.sinceSec) &&
    seen.every((word) => word === null || typeof word === "string")
  );
}

/** Whether the lock file was written by the taking with this token. */
export async function stands(fs: FileSystem, path: string, token: string): Promise<boolean> {
  return (await readLock(fs, path))?.token === token;
}

/** Writes a lock file and syncs it: a lock that a power loss made unreadable would need force. */
export async function writeLock(
  fs: FileSystem,
  path: string,
  holder: Holder,
  mode: number,
): Promise<void> {
  const text = `${counterStart}${counterText(0)}",${JSON.stringify(holder).slice(1)}\n`;
  await writeDurably(fs, path, text, mode);
}

/**
 * Opens the lock file if it was written by the taking with this token. Later writes then reach no other lock.
 */
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

/** Writes the counter in an open lock file. */
export async function writeCounter(file: OpenFile, counter: string): Promise<void> {
  await writeFully(file, new TextEncoder().encode(counter), counterStart.length);
  await file.datasync();
}

/** Gives the lock at `from` the name `place` as well; false if that name exists. */
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

/**
 * Puts the lock there without a hard link, for FAT and the like. A reader that comes too early sees a lock that
 * it cannot read, and does not take it.
 */
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
