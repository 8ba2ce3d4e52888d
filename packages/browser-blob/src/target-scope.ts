import type { JournalKey } from "@img/transfer";
import { privateRoot } from "./private-files.js";

/**
 * Returns a key for a download's target. Outside of the private file system only the name distinguishes targets.
 *
 * @throws {TargetUnusableError} This window has no private file system.
 */
export async function targetScope(target: FileSystemFileHandle): Promise<string> {
  const root = await privateRoot();
  const path = await root.resolve(target);
  return path === null ? target.name : `/${path.join("/")}`;
}

/** Names the part file of one image on its way to one target. */
export const partScope = (
  { server, workspace, name }: Omit<JournalKey, "kind">,
  target: string,
): string => JSON.stringify([server, name, target, ...(workspace === null ? [] : [workspace])]);
