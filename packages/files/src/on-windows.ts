import { setTimeout } from "node:timers/promises";
import { hasCode, type FileSystem } from "./file-system.js";

/**
 * The waits between tries. The first are short, since most programs that watch files close them at once; 5 s in
 * all.
 */
const waitsMs = [10, 20, 40, 80, 160, 320, ...Array.from({ length: 9 }, () => 500)];

/**
 * Returns the disk of Windows, behind the same port.
 *
 * Windows does not replace or delete a file that is open, and virus scanners and indexers open what was just
 * written: such a call is tried again for a few seconds. No flag of Windows prevents opening a file behind a
 * symbolic link, so the name is checked first. A folder cannot be opened there, and so not be synced; NTFS
 * journals its names.
 */
export function onWindows(
  disk: FileSystem,
  wait: (ms: number) => Promise<unknown> = setTimeout,
): FileSystem {
  const patiently = <Result>(call: () => Promise<Result>) => untilLetGo(call, wait);
  return {
    ...disk,
    open: async (path, how, mode) => {
      if (how !== "create") await refuseLink(disk, path);
      return patiently(() => disk.open(path, how, mode));
    },
    rename: (from, to) => patiently(() => disk.rename(from, to)),
    link: (existing, name) => patiently(() => disk.link(existing, name)),
    unlink: (path) => patiently(() => disk.unlink(path)),
    rmdir: (path) => patiently(() => disk.rmdir(path)),
    syncDir: async (path) => {
      await disk.stat(path);
    },
  };
}

/** Whether another program has the file open, as Windows reports it. A missing permission looks the same. */
const isHeld = (error: unknown): boolean => hasCode(error, "EPERM", "EACCES", "EBUSY");

async function untilLetGo<Result>(
  call: () => Promise<Result>,
  wait: (ms: number) => Promise<unknown>,
): Promise<Result> {
  for (const ms of waitsMs) {
    try {
      return await call();
    } catch (error) {
      if (!isHeld(error)) throw error;
      await wait(ms);
    }
  }
  return call();
}

async function refuseLink(disk: FileSystem, path: string): Promise<void> {
  const { type } = await disk.lstat(path);
  if (type !== "symlink") return;
  throw Object.assign(new Error(`ELOOP: ${path} is a symbolic link`), { code: "ELOOP" });
}
