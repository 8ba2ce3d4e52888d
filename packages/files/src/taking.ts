import { removeIfPossible, removeIfThere } from "./atomic-file.js";
import { hasCode, unlessMissing, type FileSystem } from "./file-system.js";
import type { LockClock } from "./lock-clock.js";
import { LockedError } from "./lock-errors.js";
import { putLock, readLock, released, stands, writeLock, type Found } from "./lock-file.js";
import type { Holder, LockHolder, Processes } from "./lock-holder.js";
import { hasLapsed } from "./watch-lock.js";

/** The settings of one taking of a lock. */
export interface TakingOptions {
  readonly processes: Processes;
  readonly clock: LockClock;
  readonly signal: AbortSignal;
  /** Permission bits of the lock, less the umask. */
  readonly mode: number;
  readonly onTakeOver: () => Promise<void>;
  readonly onLockWatched: (holder: LockHolder | null) => void;
}

/** Why the present holder may be replaced. */
type Grounds = "dead" | "lapsed" | "forced" | "gone";

/** Takes a lock once, from the draft of its file to its place. */
export class Taking {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #self: Holder;
  readonly #options: TakingOptions;
  readonly #forced: ReadonlySet<string>;
  readonly #draft: string;
  /** The paths of the files that this taking may have written, to be removed if it fails. */
  readonly #claimed = new Set<string>();
  #hasToldWatched = false;

  constructor(
    fs: FileSystem,
    path: string,
    self: Holder,
    options: TakingOptions,
    forced: ReadonlySet<string>,
  ) {
    this.#fs = fs;
    this.#path = path;
    this.#self = self;
    this.#options = options;
    this.#forced = forced;
    this.#draft = `${path}.${self.token}.new`;
  }

  async run(): Promise<void> {
    try {
      await writeLock(this.#fs, this.#draft, this.#self, this.#options.mode);
      await this.#take(this.#path);
    } catch (error) {
      await this.giveUp();
      throw error;
    } finally {
      await removeIfPossible(this.#fs, this.#draft); // the next holder removes it
    }
  }

  async #take(place: string): Promise<void> {
    for (;;) {
      this.#options.signal.throwIfAborted();
      this.#claimed.add(place);
      if (await this.#put(place)) return;
      const found = await readLock(this.#fs, place);
      if (found === null) continue;
      if (found.token === this.#self.token) return this.#foundOwn();
      if (await this.#follow(place, found)) return;
    }
  }

  /**
   * Handles a claim that exists already with this token. Either a network file system made the link twice. Or a
   * process that tried to take the lock earlier was stopped, continued, and moved this claim to the place of
   * its own: then the holder that it replaced may be running.
   */
  async #foundOwn(): Promise<void> {
    await this.#options.onTakeOver();
  }

  /**
   * Takes over from the holder at a place. False if the lock there is gone, so that the caller has to look
   * again.
   */
  async #follow(place: string, found: Found): Promise<boolean> {
    const grounds = await this.#grounds(place, found);
    if (grounds === "gone") return false;
    const right = `${place}.${found.token}`;
    try {
      await this.#take(right);
    } catch (error) {
      if (await stands(this.#fs, place, found.token)) throw error;
      return false;
    }
    const now = await readLock(this.#fs, place);
    const lives = grounds === "lapsed" && now?.counter !== found.counter;
    if (now?.token !== found.token || lives) {
      await removeIfThere(this.#fs, right);
      return false;
    }
    if (grounds !== "dead") await this.#options.onTakeOver();
    await this.#fs.rename(right, place).catch(unlessMissing);
    return stands(this.#fs, place, this.#self.token);
  }

  /** Finds a reason to replace the holder. @throws {LockedError} There is none: the holder lives, or may live. */
  async #grounds(place: string, found: Found): Promise<Grounds> {
    const { token, holder, counter } = found;
    if (this.#forced.has(token)) return "forced";
    if (counter === released) return "dead";
    const { processes, clock, signal } = this.#options;
    const fate = holder === null ? "unknown" : await processes.fateOf(holder);
    if (fate === "dead") return "dead";
    if (fate === "alive" || counter === null) {
      throw new LockedError(this.#path, holder, fate === "unknown");
    }
    this.#tellWatched(holder);
    return (await hasLapsed(this.#fs, place, found, clock, signal)) ? "lapsed" : "gone";
  }

  #tellWatched(holder: Holder | null): void {
    if (this.#hasToldWatched) return;
    this.#hasToldWatched = true;
    this.#options.onLockWatched(
      holder && { pid: holder.pid, host: holder.host, sinceSec: holder.sinceSec },
    );
  }

  /** Puts the draft in place. It is complete before it gets this name, so that no process reads half a lock. */
  async #put(place: string): Promise<boolean> {
    const { mode } = this.#options;
    try {
      return await putLock(this.#fs, this.#draft, place, this.#self, mode);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
      await writeLock(this.#fs, this.#draft, this.#self, mode); // a new holder has removed it
      return false;
    }
  }

  /**
   * Removes everything that was written. Otherwise the same process could not try again, since its own lock
   * looks alive.
   */
  async giveUp(): Promise<void> {
    for (const place of [...this.#claimed].reverse()) {
      await (async () => {
        if (await stands(this.#fs, place, this.#self.token)) await this.#fs.unlink(place);
      })().catch(() => undefined); // the first error says more
    }
  }
}
