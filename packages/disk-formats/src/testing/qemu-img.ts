// qemu-img, the reference: installed from Debian's qemu-utils where that is possible, otherwise reported as missing.
import { execFile, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Whether the tests that compare with it can run. Otherwise each is reported as skipped, by its name. */
export const hasQemuImg: boolean = isInstalled() || install();

if (!hasQemuImg) {
  console.warn(
    "Not run: comparisons with qemu-img. Install it (Debian: apt-get install qemu-utils).",
  );
}

function isInstalled(): boolean {
  return spawnSync("qemu-img", ["--version"]).status === 0;
}

function install(): boolean {
  if (process.getuid?.() !== 0) return false;
  const aptGet = (...args: string[]): number | null =>
    spawnSync("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=120", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).status;
  const get = (): number | null => aptGet("install", "-y", "--no-install-recommends", "qemu-utils");
  // The lists of packages are mostly there already.
  return (get() === 0 || (aptGet("update") === 0 && get() === 0)) && isInstalled();
}

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

/** The raw disk of an image as qemu-img has it. */
export async function rawByQemuImg(path: string, format: string): Promise<Buffer> {
  const raw = `${path}.raw`;
  await qemuImg("convert", "-f", format, "-O", "raw", path, raw);
  return readFile(raw);
}
