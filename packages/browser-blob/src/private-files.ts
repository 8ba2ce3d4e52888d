import { TargetUnusableError } from "@img/transfer";
import { fileAt } from "./private-path.js";

/** Where a file is in the origin's private file system: folders, then its name. */
export type PrivatePath = readonly string[];

/** `navigator.storage`, as far as browsers have it: WebKitGTK has none, and Safari before 17 no `estimate`. */
export const storage = (): Partial<StorageManager> =>
  (navigator as { readonly storage?: Partial<StorageManager> }).storage ?? {};

/** The origin's private file system. @throws {TargetUnusableError} This window has none. */
export async function privateRoot(): Promise<FileSystemDirectoryHandle> {
  try {
    return await storage().getDirectory!();
  } catch (cause) {
    throw new TargetUnusableError(
      "This window has no private file system, in which a download is kept until it is verified: " +
        "private windows of some browsers have none.",
      { advice: "Use a normal window or another browser.", cause },
    );
  }
}

/** Where a file is in the private file system. Null: it is elsewhere, or there is no such file system. */
export const privatePathOf = (handle: FileSystemHandle): Promise<PrivatePath | null> =>
  ifThere((root) => root.resolve(handle));

/** The file at a path in the private file system; null if it is gone. */
export const privateFileAt = (path: PrivatePath): Promise<FileSystemFileHandle | null> =>
  ifThere((root) => fileAt(root, path));

async function ifThere<T>(
  work: (root: FileSystemDirectoryHandle) => Promise<T>,
): Promise<T | null> {
  try {
    return await work(await storage().getDirectory!());
  } catch {
    return null;
  }
}
