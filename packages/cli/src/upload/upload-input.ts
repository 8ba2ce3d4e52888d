import { basename } from "node:path";
import { fileNameOf, webUrlOf } from "@img/node-fs/web-url.js";
import { UsageError } from "../failure/usage-error.js";

/** Returns an argument as URL, recognized by its protocol as curl does; null for a path. */
export const urlIn = (argument: string): URL | null =>
  /^https?:\/\//i.test(argument) && URL.canParse(argument) ? new URL(argument) : null;

/** The scheme of an argument that looks like a URL, without its colon; null for a path. */
export const schemeIn = (argument: string): string | null =>
  /^([a-z][a-z0-9+.-]*):\/\//i.exec(argument)?.[1]?.toLowerCase() ?? null;

/** Returns an argument as it may be shown: a URL without query and user info. */
export function labelOf(argument: string): string {
  const url = urlIn(argument);
  if (url !== null) return webUrlOf(url).label;
  if (schemeIn(argument) === null) return argument;
  return argument.replace(/[?#].*/s, "").replace(/\/\/[^/]*@/, "//");
}

/**
 * Returns the name that an argument gives its image, which is the file's.
 *
 * @throws {UsageError} The URL does not end with a file name.
 */
export function nameOf(argument: string): string {
  const url = urlIn(argument);
  if (url === null) return basename(argument);
  const name = fileNameOf(url);
  if (name !== null) return name;
  throw new UsageError(
    `${labelOf(argument)} does not end with a file name.`,
    "Name the image: --name NAME",
  );
}
