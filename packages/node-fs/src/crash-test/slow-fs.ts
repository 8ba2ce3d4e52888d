import type { FileSystem, OpenFile } from "../files/file-system.js";
import type { Random } from "./random.js";

/** Lets each operation wait for its turn among those of other processes; the seed says for how long. */
export class SlowFs implements FileSystem {
  readonly #inner: FileSystem;
  readonly #random: Random;

  constructor(inner: FileSystem, random: Random) {
    this.#inner = inner;
    this.#random = random;
  }

  async open(path: string, how: "read" | "update" | "create", mode?: number): Promise<OpenFile> {
    await this.#turn();
    const file = await this.#inner.open(path, how, mode);
    const slow = async <Result>(run: () => Promise<Result>): Promise<Result> => {
      await this.#turn();
      return run();
    };
    return {
      read: (into, position) => slow(() => file.read(into, position)),
      write: (bytes, position) => slow(() => file.write(bytes, position)),
      truncate: (size) => slow(() => file.truncate(size)),
      sync: () => slow(() => file.sync()),
      datasync: () => slow(() => file.datasync()),
      stat: () => slow(() => file.stat()),
      close: () => file.close(),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#turn();
    return this.#inner.rename(from, to);
  }

  async link(existing: string, name: string): Promise<void> {
    await this.#turn();
    return this.#inner.link(existing, name);
  }

  async unlink(path: string): Promise<void> {
    await this.#turn();
    return this.#inner.unlink(path);
  }

  async mkdir(path: string, mode: number): Promise<void> {
    await this.#turn();
    return this.#inner.mkdir(path, mode);
  }

  async rmdir(path: string): Promise<void> {
    await this.#turn();
    return this.#inner.rmdir(path);
  }

  async readdir(path: string): Promise<readonly string[]> {
    await this.#turn();
    return this.#inner.readdir(path);
  }

  async stat(path: string): ReturnType<FileSystem["stat"]> {
    await this.#turn();
    return this.#inner.stat(path);
  }

  async lstat(path: string): ReturnType<FileSystem["lstat"]> {
    await this.#turn();
    return this.#inner.lstat(path);
  }

  async syncDir(path: string): Promise<void> {
    await this.#turn();
    return this.#inner.syncDir(path);
  }

  async freeBytes(path: string): Promise<number> {
    await this.#turn();
    return this.#inner.freeBytes(path);
  }

  async #turn(): Promise<void> {
    for (let turns = this.#random.below(30); turns > 0; turns--) await Promise.resolve();
  }
}
