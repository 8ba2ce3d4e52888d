import { existsSync } from "node:fs";
import { UsageError } from "../failure/usage-error.js";

/**
 * Lets a command run whose working folder was deleted, since Node starts no thread without one. A relative path
 * is then an error, and never a file somewhere else.
 */
export function leaveDeletedFolder(): void {
  try {
    process.cwd();
  } catch {
    // In this folder, a path that was not resolved first cannot create a file either.
    process.chdir(existsSync("/proc") ? "/proc" : "/");
    process.cwd = () => {
      throw new UsageError(
        "The working folder was deleted.",
        "Change to another folder, or give absolute paths only.",
      );
    };
  }
}
