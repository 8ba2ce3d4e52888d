import type { FileSystem, OpenFile } from "../files/file-system.js";
import { errno } from "./memory-fs.js";

/**
 * What happens at operation `at`, counted from 0. `throw-once`, `throw-on`: it, or it and all after it,
 * reject with `code`. `die-before`, `die-after`, `die-halfway`: the process ends there, so that neither
 * it nor anything later ever settles; a write is half done with the last. `short`: a write or read
 * moves half of what it was asked for.
 */
export interface Fault {
  readonly at: number;
  readonly mode: FaultMode;
  readonly code?: string;
}
export type FaultMode = (typeof faultModes)[number];

export const faultModes = [
  "throw-once",
  "throw-on",
  "die-before",
  "die-after",
  "die-halfway",
  "short",
] as const;

/** A file system that fails, or in which the process dies, at one operation. */
export class FaultyFs implements FileSystem {
  readonly #inner: FileSystem;
  readonly #fault: Fault;
  readonly #opened = new Set<OpenFile>();
  #count = 0;
  #dead = false;
  #die: () => void = () => undefined;
  /** Resolves when the process would be gone. */
  readonly died: Promise<void> = new Promise((resolve) => (this.#die = resolve));

  constructor(inner: FileSystem, fault: Fault) {
    this.#inner = inner;
    this.#fault = fault;
  }

  /** How many operations there were, so far. */
  get count(): number {
    return this.#count;
  }

  /** What the kernel does for a dead process. */
  async closeAll(): Promise<void> {
    for (const file of this.#opened) await file.close();
    this.#opened.clear();
  }

  async open(path: string, how: "read" | "update" | "create", mode?: number): Promise<OpenFile> {
    return this.#step(async () => {
      const file = await this.#inner.open(path, how, mode);
      this.#opened.add(file);
      return this.#faulty(file);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#step(() => this.#inner.rename(from, to));
  }

  link(existing: string, name: string): Promise<void> {
    return this.#step(() => this.#inner.link(existing, name));
  }

  unlink(path: string): Promise<void> {
    return this.#step(() => this.#inner.unlink(path));
  }

  mkdir(path: string, mode: number): Promise<void> {
    return this.#step(() => this.#inner.mkdir(path, mode));
  }

  rmdir(path: string): Promise<void> {
    return this.#step(() => this.#inner.rmdir(path));
  }

  readdir(path: string): Promise<readonly string[]> {
    return this.#step(() => this.#inner.readdir(path));
  }

  stat(path: string): ReturnType<FileSystem["stat"]> {
    return this.#step(() => this.#inner.stat(path));
  }

  lstat(path: string): ReturnType<FileSystem["lstat"]> {
    return this.#step(() => this.#inner.lstat(path));
  }

  syncDir(path: string): Promise<void> {
    return this.#step(() => this.#inner.syncDir(path));
  }

  freeBytes(path: string): Promise<number> {
    return this.#step(() => this.#inner.freeBytes(path));
  }

  #faulty(file: OpenFile): OpenFile {
    const step = <Result>(run: () => Promise<Result>) => this.#step(run);
    const inHalf = (bytes: Uint8Array) => bytes.subarray(0, Math.ceil(bytes.length / 2));
    return {
      read: (into, position) =>
        this.#step(
          () => file.read(into, position),
          () => file.read(inHalf(into), position),
        ),
      write: (bytes, position) =>
        this.#step(
          () => file.write(bytes, position),
          () => file.write(inHalf(bytes), position),
        ),
      truncate: (size) => step(() => file.truncate(size)),
      sync: () => step(() => file.sync()),
      datasync: () => step(() => file.datasync()),
      stat: () => step(() => file.stat()),
      close: () => this.#close(file),
    };
  }

  /** A close that rejects has closed all the same. */
  async #close(file: OpenFile): Promise<void> {
    const close = async () => {
      if (this.#opened.delete(file)) await file.close();
    };
    try {
      await this.#step(close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  async #step<Result>(
    run: () => Promise<Result>,
    half: () => Promise<Result> = run,
  ): Promise<Result> {
    const { at, mode, code = "EIO" } = this.#fault;
    const number = this.#count++;
    if (this.#dead) return never();
    if (number === at ? mode.startsWith("throw") : number > at && mode === "throw-on") {
      throw errno(code);
    }
    if (number !== at) return run();
    if (mode === "short") return half();
    this.#dead = true;
    // Whether it would have failed is of no interest to a process that is gone.
    if (mode === "die-after") await run().catch(() => undefined);
    if (mode === "die-halfway" && half !== run) await half().catch(() => undefined);
    this.#die();
    return never();
  }
}

const never = (): Promise<never> => new Promise(() => undefined);
