import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** On Windows, npm and similar programs are scripts, which only a shell can start. */
const shell = process.platform === "win32";

/** Runs a program and returns its standard output. @throws {Error} It failed; the message has its output. */
export async function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    ...options,
    shell,
    maxBuffer: 2 ** 28,
  }).catch((error: unknown) => {
    const { stdout: said, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(" ")} failed:\n${said}${stderr}`, { cause: error });
  });
  return stdout;
}
