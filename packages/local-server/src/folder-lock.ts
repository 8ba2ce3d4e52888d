import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readText, unfinishedName, writeDurably } from "./atomic-file.js";
import type { FileSystem } from "./file-system.js";

/** Another live process serves this folder. Stop it, or take another folder. */
export class StoreLockedError extends Error {
  override readonly name = "StoreLockedError";
  readonly code = "STORE_LOCKED";
  readonly pid: number;

  constructor(dir: string, pid: number) {
    super(`Process ${pid} is serving ${dir}: stop it, or take another folder.`);
    this.pid = pid;
  }
}

/**
 * Makes this process the folder's only server until the returned function is called. A lock whose
 * holder is gone (`kill -9`, a reboot, a container that was started anew) is taken over.
 *
 * @throws {StoreLockedError} Its holder is alive.
 */
export async function lockFolder(fs: FileSystem, dir: string): Promise<() => Promise<void>> {
  const path = join(dir, "lock");
  await removeDead(fs, dir, path);
  const written = join(dir, unfinishedName());
  const holder: Holder = { pid: process.pid, born: bornOf(process.pid) };
  await writeDurably(fs, written, JSON.stringify(holder));
  try {
    // Under its name a lock is whole from the start, and there is one at most.
    await fs.link(written, path);
  } catch (error) {
    const winner = parseHolder(await readText(fs, path));
    throw winner ? new StoreLockedError(dir, winner.pid) : error;
  } finally {
    await fs.unlink(written);
  }
  return () => fs.unlink(path);
}

/** Out of the way first, then looked at: what another that starts now has put there goes back. */
async function removeDead(fs: FileSystem, dir: string, path: string): Promise<void> {
  const text = await readText(fs, path);
  if (text === undefined) return;
  refuseLiving(dir, text);
  const aside = join(dir, unfinishedName());
  await fs.rename(path, aside);
  try {
    refuseLiving(dir, await readText(fs, aside));
  } catch (error) {
    await fs.rename(aside, path);
    throw error;
  }
  await fs.unlink(aside);
}

function refuseLiving(dir: string, text: string | undefined): void {
  const holder = parseHolder(text);
  if (holder && isAlive(holder)) throw new StoreLockedError(dir, holder.pid);
}

interface Holder {
  readonly pid: number;
  readonly born: string;
}

/** One that can't be read was torn by a power loss: its holder is gone. */
function parseHolder(text: string | undefined): Holder | undefined {
  try {
    const { pid, born } = JSON.parse(text ?? "null") as Holder;
    return Number.isInteger(pid) && pid > 0 ? { pid, born } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, born }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return born === "" || born === bornOf(pid);
}

/** Tells a process from a later one with its number: boot and start time, where the system has /proc. */
function bornOf(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 22; the process's name before it may hold blanks, and ends with the last parenthesis.
    return `${boot} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""}`;
  } catch {
    return "";
  }
}
