import { open } from "node:fs/promises";
import type { DiskFile } from "../disk.js";

export const never: AbortSignal = new AbortController().signal;

/** A file in memory, which counts the bytes that are read. */
export class MemoryFile implements DiskFile {
  readonly bytes: Uint8Array;
  readBytes = 0;
  longestRead = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const bytes = this.bytes.subarray(offset, offset + into.length);
    if (bytes.length !== into.length) throw new Error("bug: a read past the end");
    this.readBytes += into.length;
    this.longestRead = Math.max(this.longestRead, into.length);
    into.set(bytes);
  }
}

/** Opens a file on the disk while `use` runs. */
export async function withFile<T>(path: string, use: (file: DiskFile) => Promise<T>): Promise<T> {
  const file = await open(path);
  try {
    const read: DiskFile["read"] = async (offset, into) => {
      const { bytesRead } = await file.read(into, 0, into.length, offset);
      if (bytesRead !== into.length) throw new Error("bug: a read past the end");
    };
    return await use({ sizeBytes: (await file.stat()).size, read });
  } finally {
    await file.close();
  }
}
