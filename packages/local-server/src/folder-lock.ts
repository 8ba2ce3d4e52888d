import { join } from "node:path";
import {
  readText,
  removeIfPossible,
  removeIfThere,
  unfinishedName,
  writeDurably,
} from "./atomic-file.js";
import type { FileSystem } from "./file-system.js";
import type { Holder, Processes } from "./lock-holder.js";

/** Another live process serves this folder. Stop it, or take another folder. */
export class StoreLockedError extends Error {
  override readonly name = "StoreLockedError";
  /** For a `switch`; it stays from version to version. */
  readonly code = "STORE_LOCKED";
  /** The process that serves the folder. */
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
export async function lockFolder(
  fs: FileSystem,
  dir: string,
  processes: Processes,
): Promise<() => Promise<void>> {
  const path = join(dir, "lock");
  await removeDead(fs, dir, processes);
  const written = join(dir, unfinishedName());
  try {
    await writeDurably(fs, written, JSON.stringify(await processes.self()));
    // Under its name a lock is whole from the start, and there is one at most.
    await fs.link(written, path);
  } catch (error) {
    const winner = parseHolder(await readText(fs, path));
    throw winner ? new StoreLockedError(dir, winner.pid) : error;
  } finally {
    await removeIfPossible(fs, written);
  }
  return () => removeIfThere(fs, path);
}

/** Out of the way first, then looked at: what another that starts now has put there goes back. */
async function removeDead(fs: FileSystem, dir: string, processes: Processes): Promise<void> {
  const path = join(dir, "lock");
  const refuseLiving = async (text: string | undefined) => {
    const holder = parseHolder(text);
    if (holder && (await processes.isAlive(holder))) throw new StoreLockedError(dir, holder.pid);
  };
  const text = await readText(fs, path);
  if (text === undefined) return;
  await refuseLiving(text);
  const aside = join(dir, unfinishedName());
  await fs.rename(path, aside);
  try {
    await refuseLiving(await readText(fs, aside));
  } catch (error) {
    await fs.rename(aside, path);
    throw error;
  }
  await fs.unlink(aside);
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
