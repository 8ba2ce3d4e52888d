import type { JournalKey } from "@img/transfer";
import { privateRoot } from "./private-files.js";

/**
 * Tells targets apart as well as a page can: outside of the private file system only by name.
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
