import type { FileSystem, OpenFile } from "./file-system.js";
import { lateAfterMs, renewEveryMs, type LockClock } from "./lock-clock.js";
import { LockLostError } from "./lock-errors.js";
import { counterText, openOwnLock, released, stands, writeCounter } from "./lock-file.js";

/**
 * Called when a lock was not renewed in time. Such a lock is lost; without this function it is renewed late.
 */
export type OnLapse = (error: LockLostError) => void;

/**
 * Renews a held lock every 5 s, through a descriptor of its own file and never by name, since the name may
 * belong to another process's lock by now.
 */
export class Lease {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #token: string;
  readonly #file: OpenFile;
  readonly #clock: LockClock;
  readonly #onLapse: OnLapse | null;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  #count = 0;
  #renewedMs: number;
  #renewedWallMs: number;
  #renewing: Promise<void> | null = null;
  #lapsed: LockLostError | null = null;

  private constructor(
    of: { readonly fs: FileSystem; readonly path: string; readonly token: string },
    file: OpenFile,
    clock: LockClock,
    onLapse: OnLapse | null,
  ) {
    this.#fs = of.fs;
    this.#path = of.path;
    this.#token = of.token;
    this.#file = file;
    this.#clock = clock;
    this.#onLapse = onLapse;
    this.#renewedMs = clock.monotonicMs();
    this.#renewedWallMs = clock.wallMs();
    this.#running = this.#keepRenewing();
  }

  /** Begins to renew a lock. @throws {LockLostError} The lock belongs to another process already. */
  static async begin(
    of: { readonly fs: FileSystem; readonly path: string; readonly token: string },
    clock: LockClock,
    onLapse: OnLapse | null,
  ): Promise<Lease> {
    const file = await openOwnLock(of.fs, of.path, of.token);
    if (file === null) throw lost(of.path, "was taken by another process, or deleted");
    return new Lease(of, file, clock, onLapse);
  }

  /**
   * Makes sure, before something is written, that no other process can have taken over. Answers at once unless
   * the wall clock jumped: the machine may have slept, so the lock is checked first.
   *
   * @throws {LockLostError} The last renewal is too long ago, or another process has the lock.
   */
  ensure(): Promise<void> | null {
    if (this.#lapsed === null && this.#isLate()) this.#lapse("could not be renewed in time");
    if (this.#lapsed !== null) throw this.#lapsed;
    const sinceMs = this.#clock.wallMs() - this.#renewedWallMs;
    return sinceMs > lateAfterMs ? this.#renewAndLook() : null;
  }

  /** Whether nothing may be written any more. */
  get hasLapsed(): boolean {
    return this.#lapsed !== null;
  }

  /** Stops renewing, and closes the file. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#running;
    await this.#file.close();
  }

  /** Marks the lock file itself as released, if its name cannot be deleted. */
  async markReleased(): Promise<void> {
    await writeCounter(this.#file, released);
  }

  async #keepRenewing(): Promise<void> {
    const { signal } = this.#ending;
    const isOver = (): boolean => signal.aborted || this.#lapsed !== null;
    while (!isOver()) {
      await this.#clock.wait(renewEveryMs, signal).catch(() => undefined);
      if (isOver()) return;
      try {
        await this.ensure();
        await this.#renew();
      } catch {
        // Tried again in 5 s; if that is too late, the lock lapses.
      }
    }
  }

  #renew(): Promise<void> {
    const [atMs, atWallMs] = [this.#clock.monotonicMs(), this.#clock.wallMs()];
    this.#renewing ??= (async () => {
      try {
        await writeCounter(this.#file, counterText(++this.#count));
        [this.#renewedMs, this.#renewedWallMs] = [atMs, atWallMs];
      } finally {
        this.#renewing = null;
      }
    })();
    return this.#renewing;
  }

  async #renewAndLook(): Promise<void> {
    await this.#renew();
    if (await stands(this.#fs, this.#path, this.#token)) return;
    this.#lapse("was taken by another process, or deleted");
    if (this.#lapsed !== null) throw this.#lapsed;
  }

  #isLate(): boolean {
    return this.#clock.monotonicMs() - this.#renewedMs > lateAfterMs;
  }

  #lapse(how: string): void {
    if (this.#onLapse === null) return; // such a holder checks its writes by other means
    this.#lapsed = lost(this.#path, how);
    this.#onLapse(this.#lapsed);
  }
}

export const lost = (path: string, how: string): LockLostError =>
  new LockLostError(`The lock ${path} ${how}.`);
