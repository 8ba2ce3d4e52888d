import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { MiB } from "./seeded.js";

/** A folder in memory if there is enough: the speed of this machine's disk is not tested. */
export async function roomyFolder(): Promise<string> {
  const memory = await statfs("/dev/shm").catch(() => null);
  const enough = memory !== null && memory.bavail * memory.bsize > 3 * 1024 * MiB;
  return enough ? "/dev/shm" : tmpdir();
}
