import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { MiB } from "./seeded.js";

/** Memory, where there is enough: what is tested is not how fast this machine's disk syncs. */
export async function roomyFolder(): Promise<string> {
  const memory = await statfs("/dev/shm").catch(() => null);
  const enough = memory !== null && memory.bavail * memory.bsize > 3 * 1024 * MiB;
  return enough ? "/dev/shm" : tmpdir();
}
