import { imageNamePattern } from "@img/core/wire";
import { UsageError } from "../failure/usage-error.js";

const longest = 255;

/** @throws {UsageError} No image can have this name; with one that it can. */
export function checkName(name: string): void {
  if (imageNamePattern.test(name)) return;
  throw new UsageError(
    `No image can be named "${name}". The image's name must be 1 to ${longest} letters, digits, ".", "_" and "-", and begin with a letter or digit.`,
    `For example: --name ${possibleName(name)}`,
  );
}

/** What is left of a letter once its accents are off, for those that are no letter and accents. */
const letters: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  Æ: "AE",
  œ: "oe",
  Œ: "OE",
  ø: "o",
  Ø: "O",
  ł: "l",
  Ł: "L",
  đ: "d",
  Đ: "D",
  ı: "i",
};

/** A name like this one that an image can have: in ASCII, without blanks, with the same extension. */
export function possibleName(name: string): string {
  const latin = name.replace(/\P{ASCII}/gu, (letter) => letters[letter] ?? letter);
  const plain = latin
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\w.-]+/g, "-")
    .replace(/-*\.(?=[^.]*$)/, ".");
  const [extension = ""] = /\.\w{1,16}$/.exec(plain) ?? [];
  const stem = plain.slice(0, plain.length - extension.length).replace(/^[^A-Za-z0-9]+|-+$/g, "");
  return (stem || "image").slice(0, longest - extension.length) + extension;
}
