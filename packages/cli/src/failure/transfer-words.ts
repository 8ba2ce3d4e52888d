import type { LowSpace, NameTakenError } from "@img/node-fs";
import { formatBytes } from "../report/bytes.js";
import { before, text } from "./error-text.js";

export function lost(error: unknown): string {
  return before(" Start anew with ifImageGone", error);
}

/** A file's upload can do it by itself; what the others can do stands in the message. */
export function startAnew(error: unknown): string | undefined {
  return lost(error) === before("\n", error)
    ? undefined
    : "To start anew, add: --if-image-gone restart";
}

export function noSpace(error: unknown): string {
  const bytes = (field: string): string => formatBytes(Number(text(error, field)));
  return `The image needs ${bytes("neededBytes")} more, but the disk has ${bytes("freeBytes")} free.`;
}

export const lowSpace = ({ neededBytes, freeBytes }: LowSpace): string =>
  `The image may need ${formatBytes(neededBytes)}, but the disk has ${formatBytes(freeBytes)} free. Zeros are left out, so it may fit.`;

export function nameTaken(error: unknown): string {
  const id = text(error, "imageId");
  const by = id === "" ? "another image" : `${id}, which is ${text(error, "uploadStatus")}`;
  return `The name "${text(error, "imageName")}" is taken by ${by}.`;
}

export function nameTakenHint(error: unknown): string {
  const known = Reflect.get(Object(error), "knownAs") as NameTakenError["knownAs"] | undefined;
  if (known) return resumeElsewhere(known);
  const rename = "Choose another with --name, or delete that image";
  return text(error, "uploadStatus") === "completed"
    ? `${rename}; if it may be this very file: --if-name-taken verify`
    : `${rename}; if nobody works on it: --if-name-taken replace-unfinished`;
}

export function lockedBy(error: unknown): string {
  return before(" Wait for it", error);
}

/** Only the library knows whether the holder may be dead: then, and only then, `--force` is safe to say. */
export function lockedHint(error: unknown): string {
  const mayForce = Reflect.get(Object(error), "mayForce") === true;
  const wait = "Wait for it, or stop it";
  return mayForce ? `${wait}; if it is certainly gone, take over with --force.` : `${wait}.`;
}

export function targetHint(error: unknown): string {
  return before(" Choose another path", error).endsWith("is already there.")
    ? "Choose another path, or replace a file with --overwrite."
    : "Choose another path: only a regular file can be replaced.";
}

/** The same service, named by another URL, or without the workspace. */
function resumeElsewhere({ server, workspace }: NonNullable<NameTakenError["knownAs"]>): string {
  const where = workspace === null ? server : `${server}, workspace ${workspace}`;
  const flags = workspace === null ? ", without a workspace" : ` --workspace ${workspace}`;
  return `An unfinished upload of this image is known for ${where}; to resume it, pass --server ${server}${flags}.`;
}
