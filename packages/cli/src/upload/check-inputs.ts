import { stat } from "node:fs/promises";
import { ImageSizeError, openImageSource } from "@img/node-fs";
import { closing } from "@img/transfer";
import type { FormatFlag } from "../disks/disk-options.js";
import { UsageError } from "../failure/usage-error.js";
import { checkName } from "./image-name.js";
import { nameOf, urlIn } from "./upload-input.js";

const mostBytes = 128 * 1024 ** 3;

/**
 * Checks what the arguments alone tell.
 *
 * @throws {UsageError} They contradict each other, or have no meaning.
 */
export async function checkArguments(
  files: readonly string[],
  name: string | undefined,
): Promise<void> {
  if (files.includes("-")) {
    throw new UsageError(
      "Standard input is uploaded alone.",
      "Upload the files by another command.",
    );
  }
  if (name !== undefined && files.length > 1) {
    throw new UsageError("--name is for one file.", "Leave it out, and each gets its own name.");
  }
  const names = name === undefined ? files.map(nameOf) : [];
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  if (twice !== undefined) {
    throw new UsageError(
      `Two files have the name ${twice}.`,
      "Upload them with --name, one by one.",
    );
  }
  if (name !== undefined) checkName(name);
  for (const [index, file] of files.entries()) {
    const isThere = urlIn(file) !== null || (await stat(file).catch(() => null)) !== null;
    if (!isThere) checkEncoding(file);
    else if (name === undefined) checkName(names[index]!);
  }
}

/**
 * Refuses names that are not UTF-8: Node reads them with replacement characters, and then finds no such file.
 */
function checkEncoding(file: string): void {
  if (!file.includes("\ufffd")) return;
  throw new UsageError(
    `The name of ${file} is not UTF-8.`,
    "Rename the file, or redirect it: img upload - --name NAME < FILE",
  );
}

/** Opens each file and checks its format and size, before the first byte of any is sent. */
export async function checkFile(
  file: string,
  format: FormatFlag | undefined,
  signal: AbortSignal,
): Promise<void> {
  // A server may not answer ranges, and the file may have changed when its turn comes.
  if (urlIn(file) !== null) return;
  const source = await openImageSource(file, { format, signal });
  await closing(source, async () => {
    const { sizeBytes } = source;
    // The size of a compressed file's disk is found out by its upload.
    if (sizeBytes !== null && (sizeBytes === 0 || sizeBytes > mostBytes)) {
      throw new ImageSizeError(sizeBytes);
    }
  });
}
