import { isImageName, longestImageName, possibleImageName } from "@img/core/image-name";
import { UsageError } from "../failure/usage-error.js";

/**
 * Checks an image's name.
 *
 * @param isOneOfMany Whether several files are given, for which there is no `--name`.
 * @throws {UsageError} No image can have it; the message suggests one that is possible.
 */
export function checkName(name: string, isOneOfMany = false): void {
  if (isImageName(name)) return;
  const [extension = ""] = /\.[a-zA-Z0-9]{1,16}$/.exec(name) ?? [];
  throw new UsageError(
    `No image can be named "${name}". The image's name must be 1 to ${longestImageName} letters, digits, ".", "_" and "-", and begin with a letter or digit.`,
    `${isOneOfMany ? "Upload it alone, with" : "For example:"} --name ${possibleImageName(name) || `image${extension}`}`,
  );
}
