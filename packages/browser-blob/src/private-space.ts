import { NotEnoughSpaceError } from "@img/transfer";
import { storage } from "./private-files.js";

/**
 * Asks the browser to keep what this site stores. Stored data is not evicted then, and Firefox raises the quota of the
 * site from 10 GiB to half of the disk. Firefox asks the user; the upload does not wait for the answer.
 */
export function askToKeep(): void {
  storage()
    .persist?.()
    .catch(() => undefined);
}

/**
 * Checks that the browser lets this site store this many more bytes.
 *
 * @throws {NotEnoughSpaceError} The browser does not.
 */
export async function checkSpace(neededBytes: number): Promise<void> {
  const { quota = Infinity, usage = 0 } = (await storage().estimate?.()) ?? {};
  const free = Math.max(0, quota - usage);
  if (free >= neededBytes) return;
  throw new NotEnoughSpaceError(
    neededBytes,
    free,
    `The image needs ${gib(neededBytes)} more, but the browser lets this site store only ${gib(free)} more.`,
    {
      advice:
        "Allow this site to store data permanently, delete finished downloads here, or free disk space, then try again.",
    },
  );
}

const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
