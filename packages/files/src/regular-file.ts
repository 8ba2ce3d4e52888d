import {
  hasCode,
  readFully,
  type FileStat,
  type FileSystem,
  type OpenFile,
} from "./file-system.js";

/** There is something else at the path of our file. Move it away, then run again. */
export class NotAFileError extends Error {
  override readonly name = "NotAFileError";

  constructor(path: string, type: FileStat["type"]) {
    super(
      `${path} is ${whatItIs[type]}, not a file of this program. Move it away, then run again.`,
    );
  }
}

/** Names for what is at a path, for messages. */
export const whatItIs: Readonly<Record<FileStat["type"], string>> = {
  file: "a file",
  directory: "a folder",
  symlink: "a symbolic link",
  other: "a pipe, a socket or a device",
};

/** A file that was just opened. */
export interface RegularFile {
  /** The caller closes it. */
  readonly file: OpenFile;
  /** Its metadata when it was opened. */
  readonly stat: FileStat;
}

/** Opens a regular file. @throws {NotAFileError} There is a link, a pipe, a folder or the like at this path. */
export async function openRegular(
  fs: FileSystem,
  path: string,
  how: "read" | "update",
): Promise<RegularFile> {
  const file = await fs.open(path, how).catch((error: unknown) => unlessNoFile(fs, path, error));
  try {
    const stat = await file.stat();
    if (stat.type !== "file") throw new NotAFileError(path, stat.type);
    return { file, stat };
  } catch (error) {
    await file.close().catch(() => undefined); // the first error says more
    throw error;
  }
}

/**
 * Throws NotAFileError for the codes that mean it. ELOOP: a link. EISDIR: a folder, opened for writing. ENXIO:
 * a socket, or a device that does not exist.
 */
async function unlessNoFile(fs: FileSystem, path: string, error: unknown): Promise<never> {
  if (!hasCode(error, "ELOOP", "EISDIR", "ENXIO")) throw error;
  const { type } = await fs.lstat(path);
  throw type === "file" ? error : new NotAFileError(path, type);
}

/**
 * Reads all of a small file. Rejects with ENOENT if there is none.
 *
 * @throws {NotAFileError} There is a link, a pipe, a folder or the like at this path.
 */
export async function readWhole(fs: FileSystem, path: string): Promise<Uint8Array> {
  const { file, stat } = await openRegular(fs, path, "read");
  try {
    const bytes = new Uint8Array(Number(stat.size));
    return bytes.subarray(0, await readFully(file, bytes, 0));
  } finally {
    await file.close();
  }
}
