// Debian's programs that tests compare with. `npm run test:debian` installs them where it can.
import { spawnSync } from "node:child_process";

/**
 * The environment for tools of partitions and file systems, which Debian installs to `sbin`; a user's PATH may
 * lack it.
 */
export const toolEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`,
};

/** Whether programs can be run. If not, the tests that need them are reported as skipped, each by its name. */
export function hasTools(programs: readonly string[], what: string): boolean {
  const has = programs.every((program) => isThere(program));
  if (!has) console.warn(`Not run: ${what}. They need ${programs.join(", ")}.`);
  return has;
}

const isThere = (program: string): boolean =>
  spawnSync("sh", ["-c", `command -v ${program}`], { env: toolEnvironment }).status === 0;
