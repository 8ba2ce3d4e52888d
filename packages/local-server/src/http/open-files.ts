import { readFileSync } from "node:fs";

/** Files that do not belong to a connection: the log, the folder's lock, threads, the SDK. */
const OTHER_FILES = 128;
/** The files of a connection: its socket, and a part or an image. */
const FILES_EACH = 2;
/** The usual limit, on macOS and in most containers, for systems that do not tell theirs. */
const USUAL_LIMIT = 10_240;

/** Returns how many connections there may be before opening a file fails. */
export function affordableConnections(limit: number = openFilesLimit()): number {
  return Math.max(16, Math.floor((limit - OTHER_FILES) / FILES_EACH));
}

/** Returns the limit. Node has raised the soft limit to the hard one. */
function openFilesLimit(): number {
  if (process.platform !== "linux") return USUAL_LIMIT;
  const [, soft] = /^Max open files +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return Number(soft) || USUAL_LIMIT;
}
