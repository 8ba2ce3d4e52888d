import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { JournalIoError, TransferLockedError } from "@img/transfer";
import type { LockHolder } from "@img/transfer";
import type { FileSystem } from "../files/file-system.js";
import { hasCode } from "../files/file-system.js";
import type { Found } from "./lock-file.js";
import { putLock, readLock, stands, unlessMissing, unlinkIfThere, writeLock } from "./lock-file.js";
import type { Holder, Processes } from "./lock-holder.js";

/** A lock that this process holds. */
export interface Lock {
  /** Names this taking of the lock. */
  readonly token: string;
  /**
   * @throws {TransferLockedError} Another process has taken the lock by force.
   * @throws {JournalIoError} The lock was deleted.
   */
  check(): Promise<void>;
  /** Lets others take it; does nothing if one has. */
  release(): Promise<void>;
}

/**
 * Takes the lock that stands, as a file, at `path`, in the place of a holder that is proven dead.
 *
 * A lock is never deleted and made anew to take it over, for that has a moment in which two succeed.
 * Who wants to follow the holder H of a lock makes `LOCK.H` first, as a lock of its own: there can be
 * one. Only then, and if H still stands in the lock, it is renamed over it, which frees `LOCK.H` in
 * the same instant. Tokens do not return, so whoever comes late finds another holder and goes back.
 * Letting go takes the same right first, so that it deletes no follower's lock.
 *
 * @param options.force Also follows a holder that was there before the call and is not proven dead.
 * @throws {TransferLockedError} Somebody holds it.
 */
export async function takeLock(
  fs: FileSystem,
  path: string,
  options: { readonly force: boolean; readonly processes: Processes },
): Promise<Lock> {
  const token = randomBytes(8).toString("hex");
  const holder: Holder = { token, ...(await options.processes.self()) };
  const forced = options.force ? await holdersAt(fs, path) : new Set<string>();
  const taking = new Taking(fs, path, holder, options.processes, forced);
  await taking.run();
  await sweep(fs, path, token);
  return { token, check: () => check(fs, path, token), release: () => release(fs, path, holder) };
}

/**
 * Who holds the lock, whoever that is; null if nobody does, or only a process that is proven dead.
 */
export async function lockHolder(
  fs: FileSystem,
  path: string,
  processes: Processes,
): Promise<LockHolder | null> {
  const holder = (await readLock(fs, path))?.holder ?? null;
  if (holder === null || (await processes.fateOf(holder)) === "dead") return null;
  return publicly(holder);
}

class Taking {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #self: Holder;
  readonly #processes: Processes;
  readonly #forced: ReadonlySet<string>;
  readonly #draft: string;
  /** Where a file of ours may stand, for when this fails. */
  readonly #claimed = new Set<string>();

  constructor(
    fs: FileSystem,
    path: string,
    self: Holder,
    processes: Processes,
    forced: ReadonlySet<string>,
  ) {
    this.#fs = fs;
    this.#path = path;
    this.#self = self;
    this.#processes = processes;
    this.#forced = forced;
    this.#draft = `${path}.${self.token}.new`;
  }

  async run(): Promise<void> {
    try {
      await writeLock(this.#fs, this.#draft, this.#self);
      await this.#take(this.#path);
    } catch (error) {
      await this.#giveUp();
      throw error;
    } finally {
      await unlinkIfThere(this.#fs, this.#draft).catch(() => undefined); // the next holder sweeps
    }
  }

  async #take(place: string): Promise<void> {
    for (;;) {
      this.#claimed.add(place);
      if (await this.#put(place)) return;
      const found = await readLock(this.#fs, place);
      if (found === null) continue;
      if (found.token === this.#self.token) return; // a network's file system made the link twice
      if (await this.#follow(place, found)) return;
    }
  }

  /** False: it is not there any more, so look again. */
  async #follow(place: string, found: Found): Promise<boolean> {
    await this.#refuseUnlessGone(found);
    const right = `${place}.${found.token}`;
    try {
      await this.#take(right);
    } catch (error) {
      if (await stands(this.#fs, place, found.token)) throw error;
      return false;
    }
    if (!(await stands(this.#fs, place, found.token))) {
      await unlinkIfThere(this.#fs, right);
      return false;
    }
    await this.#fs.rename(right, place).catch(unlessMissing);
    return stands(this.#fs, place, this.#self.token);
  }

  async #refuseUnlessGone({ token, holder }: Found): Promise<void> {
    if (this.#forced.has(token)) return;
    const fate = holder === null ? "unknown" : await this.#processes.fateOf(holder);
    if (fate === "dead") return;
    throw new TransferLockedError(holder === null ? null : publicly(holder), fate === "unknown");
  }

  /** The draft is complete before it gets this name, so that nobody reads half a lock. */
  async #put(place: string): Promise<boolean> {
    try {
      return await putLock(this.#fs, this.#draft, place, this.#self);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
      await writeLock(this.#fs, this.#draft, this.#self); // a new holder has swept it
      return false;
    }
  }

  /** Without this, the same process could not try again: its lock looks alive. */
  async #giveUp(): Promise<void> {
    for (const place of [...this.#claimed].reverse()) {
      await (async () => {
        if (await stands(this.#fs, place, this.#self.token)) await this.#fs.unlink(place);
      })().catch(() => undefined); // the first error says more
    }
  }
}

/** The holder, and who is about to follow it, and so on. */
async function holdersAt(fs: FileSystem, path: string): Promise<Set<string>> {
  const tokens = new Set<string>();
  for (let place = path; ;) {
    const found = await readLock(fs, place);
    if (found === null) return tokens;
    tokens.add(found.token);
    place = `${place}.${found.token}`;
  }
}

async function check(fs: FileSystem, path: string, token: string): Promise<void> {
  const found = await readLock(fs, path);
  if (found === null) {
    throw new JournalIoError(`The lock ${path} was deleted while this process held it.`);
  }
  if (found.token === token) return;
  throw new TransferLockedError(found.holder === null ? null : publicly(found.holder), false);
}

async function release(fs: FileSystem, path: string, holder: Holder): Promise<void> {
  const right = `${path}.${holder.token}`;
  const alone = await putLock(fs, path, right, holder).catch(unlessMissing);
  if (alone !== true) return; // deleted, or somebody is taking it by force
  try {
    if (await stands(fs, path, holder.token)) await unlinkIfThere(fs, path);
  } finally {
    await unlinkIfThere(fs, right);
  }
}

/**
 * What dead processes left, and rights to follow former holders, which mean nothing any more. Those to
 * follow this holder stay. A failure leaves garbage and no harm.
 */
async function sweep(fs: FileSystem, path: string, token: string): Promise<void> {
  const ours = `${basename(path)}.${token}`;
  const names = await fs.readdir(dirname(path)).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    if (name === ours || name.startsWith(`${ours}.`)) continue;
    await unlinkIfThere(fs, join(dirname(path), name)).catch(() => undefined);
  }
}

function publicly({ pid, host, sinceSec }: Holder): LockHolder {
  return { pid, host, sinceSec };
}
