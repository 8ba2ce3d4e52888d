// Runs qemu-img, the reference.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { hasTools } from "./debian.js";

const run = promisify(execFile);

/** Whether the tests that compare with it can run. If not, each is reported as skipped, by its name. */
export const hasQemuImg: boolean = hasTools(["qemu-img", "qemu-io"], "comparisons with qemu-img");

export async function qemuImg(...args: readonly string[]): Promise<void> {
  await run("qemu-img", args);
}

/** Commands of qemu-io, one after the other, on an image. */
export async function qemuIo(
  path: string,
  format: string,
  commands: readonly string[],
): Promise<void> {
  const each = commands.flatMap((command) => ["-c", command]);
  await run("qemu-io", ["-f", format, ...each, path]);
}

/** Returns the raw disk of an image, as qemu-img reads it. */
export async function rawByQemuImg(path: string, format: string): Promise<Buffer> {
  const raw = `${path}.raw`;
  await qemuImg("convert", "-f", format, "-O", "raw", path, raw);
  return readFile(raw);
}
