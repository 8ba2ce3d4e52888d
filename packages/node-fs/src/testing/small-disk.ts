import { execFile } from "node:child_process";
import { mkdtemp, rm, statfs, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A real file system of a few MiB, mounted for a test. */
export interface SmallDisk {
  readonly folder: string;
  /** Fills the disk. */
  fill(): Promise<void>;
  /** Frees that space. */
  makeRoom(): Promise<void>;
  close(): Promise<void>;
}

/** Mounts a small disk. Null if this user may not: it needs root, and Linux. */
export async function mountSmallDisk(sizeBytes: number): Promise<SmallDisk | null> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return null;
  const folder = await mkdtemp(join(tmpdir(), "img-small-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${sizeBytes}`, "img-test", folder]);
  } catch {
    await rm(folder, { recursive: true });
    return null; // root of a container without the right to mount
  }
  const ballast = join(folder, "ballast");
  return {
    folder,
    fill: async () => {
      const { bavail, bsize } = await statfs(folder);
      await writeFile(ballast, Buffer.alloc(bavail * bsize, 1));
    },
    makeRoom: () => unlink(ballast),
    close: async () => {
      await run("umount", [folder]);
      await rm(folder, { recursive: true });
    },
  };
}
