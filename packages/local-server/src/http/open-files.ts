import { readFileSync } from "node:fs";

/** Descriptors that are not a connection's: the log, the folder's lock, threads, those of the SDK. */
const OTHER_FILES = 128;
/** A connection has a socket, and the file of its part or image. */
const FILES_EACH = 2;
/** Where the system does not tell: what macOS and most containers allow. */
const USUAL_LIMIT = 10_240;

/** How many connections there can be before a file can no longer be opened. */
export function affordableConnections(limit: number = openFilesLimit()): number {
  return Math.max(16, Math.floor((limit - OTHER_FILES) / FILES_EACH));
}

/** Node has raised the soft limit to the hard one. */
function openFilesLimit(): number {
  if (process.platform !== "linux") return USUAL_LIMIT;
  const [, soft] = /^Max open files +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return Number(soft) || USUAL_LIMIT;
}
