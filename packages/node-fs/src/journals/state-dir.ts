import { posix, win32 } from "node:path";
import { JournalIoError } from "@img/transfer";
import { homeFolder } from "./home-folder.js";

/** In which folder journals are kept. */
export interface StateDirOptions {
  /** The folder of journals. Keep or copy it to resume elsewhere. @default `$XDG_STATE_HOME/img` or the platform's place */
  readonly stateDir?: string | undefined;
}

/**
 * Returns the folder of this user's journals, if `stateDir` is not given.
 *
 * @throws {JournalIoError} This user has no home, and the environment names no folder.
 */
export const stateDirOfUser = (): string =>
  stateDir({ env: process.env, platform: process.platform, home: homeFolder() });

/**
 * Returns the folder of a user's journals, from the process's environment. Pure.
 *
 * @throws {JournalIoError} There is no home, and it would be needed.
 */
export function stateDir(of: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly home: string | null;
}): string {
  const path = of.platform === "win32" ? win32 : posix;
  const chosen = of.env.XDG_STATE_HOME ?? "";
  // The XDG Base Directory Specification has relative paths ignored.
  if (path.isAbsolute(chosen)) return path.join(chosen, "img");
  switch (of.platform) {
    case "darwin":
      return path.join(homeIn(of), "Library", "Application Support", "img");
    case "win32":
      return path.join(of.env.LOCALAPPDATA ?? path.join(homeIn(of), "AppData", "Local"), "img");
    default:
      return path.join(homeIn(of), ".local", "state", "img");
  }
}

function homeIn({ home }: { readonly home: string | null }): string {
  if (home !== null) return home;
  throw new JournalIoError("This user has no home folder to keep journals of uploads in.", {
    advice: "Set HOME or XDG_STATE_HOME to an absolute path.",
    cause: Object.assign(new Error("no home folder"), { code: "ENOENT" }),
  });
}
