import { homedir } from "node:os";
import { isAbsolute } from "node:path";

/** This user's home; null if there is none, as for a number without an entry in `/etc/passwd`. */
export function homeFolder(): string | null {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : null;
  } catch {
    return null;
  }
}
