import { posix, win32 } from "node:path";

/** Where a user's uploads are remembered, from what the caller knows of the process. Pure. */
export function stateDir(of: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly home: string;
}): string {
  const path = of.platform === "win32" ? win32 : posix;
  const chosen = of.env.XDG_STATE_HOME ?? "";
  // The XDG Base Directory Specification has relative paths ignored.
  if (path.isAbsolute(chosen)) return path.join(chosen, "img");
  switch (of.platform) {
    case "darwin":
      return path.join(of.home, "Library", "Application Support", "img");
    case "win32":
      return path.join(of.env.LOCALAPPDATA ?? path.join(of.home, "AppData", "Local"), "img");
    default:
      return path.join(of.home, ".local", "state", "img");
  }
}
