import type { FileSystem, OpenFile } from "../file-system.js";

/** A file system that runs each of its operations through `step`. */
export abstract class SteppedFs implements FileSystem {
  readonly #inner: FileSystem;
  readonly #opened = new Set<OpenFile>();

  constructor(inner: FileSystem) {
    this.#inner = inner;
  }

  /** Runs an operation. @param half Does half of it; only reads and writes have one. */
  protected abstract step<Result>(
    run: () => Promise<Result>,
    half?: () => Promise<Result>,
  ): Promise<Result>;

  /** Closes all files, as the kernel does for a dead process. */
  async closeAll(): Promise<void> {
    for (const file of this.#opened) await file.close();
    this.#opened.clear();
  }

  open(path: string, how: "read" | "update" | "create", mode?: number): Promise<OpenFile> {
    return this.step(async () => {
      const file = await this.#inner.open(path, how, mode);
      this.#opened.add(file);
      return this.#stepped(file);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.step(() => this.#inner.rename(from, to));
  }

  link(existing: string, name: string): Promise<void> {
    return this.step(() => this.#inner.link(existing, name));
  }

  unlink(path: string): Promise<void> {
    return this.step(() => this.#inner.unlink(path));
  }

  mkdir(path: string, mode: number): Promise<void> {
    return this.step(() => this.#inner.mkdir(path, mode));
  }

  rmdir(path: string): Promise<void> {
    return this.step(() => this.#inner.rmdir(path));
  }

  readdir(path: string): Promise<readonly string[]> {
    return this.step(() => this.#inner.readdir(path));
  }

  stat(path: string): ReturnType<FileSystem["stat"]> {
    return this.step(() => this.#inner.stat(path));
  }

  lstat(path: string): ReturnType<FileSystem["lstat"]> {
    return this.step(() => this.#inner.lstat(path));
  }

  syncDir(path: string): Promise<void> {
    return this.step(() => this.#inner.syncDir(path));
  }

  freeBytes(path: string): Promise<number> {
    return this.step(() => this.#inner.freeBytes(path));
  }

  #stepped(file: OpenFile): OpenFile {
    const inHalf = (bytes: Uint8Array) => bytes.subarray(0, Math.ceil(bytes.length / 2));
    return {
      read: (into, position) =>
        this.step(
          () => file.read(into, position),
          () => file.read(inHalf(into), position),
        ),
      write: (bytes, position) =>
        this.step(
          () => file.write(bytes, position),
          () => file.write(inHalf(bytes), position),
        ),
      truncate: (size) => this.step(() => file.truncate(size)),
      sync: () => this.step(() => file.sync()),
      datasync: () => this.step(() => file.datasync()),
      stat: () => this.step(() => file.stat()),
      close: () => this.#close(file),
    };
  }

  /** Closes a file. A close that rejects has closed it too. */
  async #close(file: OpenFile): Promise<void> {
    const close = async () => {
      if (this.#opened.delete(file)) await file.close();
    };
    try {
      await this.step(close);
    } catch (error) {
      await close();
      throw error;
    }
  }
}
