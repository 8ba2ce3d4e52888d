// Programs of Debian that tests compare with: installed where that is possible, otherwise reported as missing.
import { spawnSync } from "node:child_process";

/** Debian has the tools of partitions and file systems in `sbin`, which a user's PATH may lack. */
export const toolEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`,
};

/**
 * Whether programs can be used, after installing the packages that have them as root, or by a `sudo` that asks
 * for no password. Where they cannot, that is reported; the tests that need them are then skipped by name.
 *
 * @param what What is not run without them.
 */
export function hasTools(
  programs: readonly string[],
  packages: readonly string[],
  what: string,
): boolean {
  if (areInstalled(programs) || install(programs, packages)) return true;
  console.warn(`Not run: ${what}. Install it (Debian: apt-get install ${packages.join(" ")}).`);
  return false;
}

const areInstalled = (programs: readonly string[]): boolean =>
  programs.every((program) => run("sh", "-c", `command -v ${program}`));

function install(programs: readonly string[], packages: readonly string[]): boolean {
  const aptGet = (...args: string[]): boolean =>
    asRoot("apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", ...args);
  const get = (): boolean => aptGet("install", "-y", "--no-install-recommends", ...packages);
  // The lists of packages are mostly there already.
  return (get() || (aptGet("update") && get())) && areInstalled(programs);
}

const asRoot = (program: string, ...args: string[]): boolean =>
  process.getuid?.() === 0 ? run(program, ...args) : run("sudo", "-n", program, ...args);

function run(program: string, ...args: string[]): boolean {
  const env = { ...toolEnvironment, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(program, args, { env }).status === 0;
}
