import { fstatSync, readFileSync, readlinkSync, statSync, type Stats } from "node:fs";

/** The kind of standard input. */
export type RedirectedInput =
  /** A file or a block device at its beginning, with its path, so that it can be read again. */
  | { readonly kind: "file"; readonly path: string }
  /** A block device that is not at its beginning, which Node itself reads as empty. */
  | { readonly kind: "device" }
  | { readonly kind: "folder" }
  | { readonly kind: "stream" };

/** Detects what the shell has connected to standard input. */
export function redirectedInput(): RedirectedInput {
  const stats = statOf(() => fstatSync(0));
  if (stats === null) return { kind: "stream" };
  if (stats.isDirectory()) return { kind: "folder" };
  if (!stats.isFile() && !stats.isBlockDevice()) return { kind: "stream" };
  const path = isAtBeginning() ? pathOf(stats) : null;
  if (path !== null) return { kind: "file", path };
  return stats.isBlockDevice() ? { kind: "device" } : { kind: "stream" };
}

/** Whether the position is at the beginning. Only Linux tells. */
function isAtBeginning(): boolean {
  try {
    return /^pos:\s*0$/m.test(readFileSync("/proc/self/fdinfo/0", "utf8"));
  } catch {
    return false;
  }
}

/** Returns the path; null if the file has no name any more, or another file has that name now. */
function pathOf(stats: Stats): string | null {
  try {
    const path = readlinkSync("/proc/self/fd/0");
    const named = statSync(path);
    return named.ino === stats.ino && named.dev === stats.dev ? path : null;
  } catch {
    return null;
  }
}

function statOf(look: () => Stats): Stats | null {
  try {
    return look();
  } catch {
    return null; // it is closed
  }
}
