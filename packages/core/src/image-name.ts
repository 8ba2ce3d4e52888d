/** Names of images, as the API takes them. */
import { imageNamePattern } from "./wire.js";

/** The most characters that an image's name may have. */
export const longestImageName = 255;

/** Whether an image can have this name: 1 to 255 characters, letters, digits, `.`, `_` and `-`. */
export const isImageName = (name: string): boolean => imageNamePattern.test(name);

/**
 * A name that the API takes, as near to a file's as can be: "Müller disk.img" becomes "Muller-disk.img",
 * "Größe.img" becomes "Groesse.img". What is too long keeps its extension.
 *
 * @returns "" if the file's name has letters of another script, or nothing but its extension: a person has to
 * find a name.
 */
export function possibleImageName(fileName: string): string {
  const name = inLatin(fileName.normalize("NFC")).normalize("NFKD").replace(/\p{M}/gu, "");
  if (/[^\P{L}a-zA-Z]/u.test(name)) return "";
  const plain = name.replace(/[^a-zA-Z0-9._-]+/g, "-").replace(/-+(?=\.)|-+$/g, "");
  const [extension = ""] = /\.[a-zA-Z0-9]{1,16}$/.exec(plain) ?? [];
  const stem = plain.slice(0, plain.length - extension.length).replace(/^[^a-zA-Z0-9]+/, "");
  return stem === "" ? "" : stem.slice(0, longestImageName - extension.length) + extension;
}

/** Letters that are more than a letter with a mark, in Latin letters without marks. */
const latin: Readonly<Record<string, string>> = {
  ...{ ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i", ħ: "h" },
};

/** Only German has ß, and its umlauts are written so. */
const german: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue" };

function inLatin(text: string): string {
  const letters = /ß/.test(text) ? { ...latin, ...german } : latin;
  return text.replace(/\p{L}/gu, (letter) => {
    const lower = letter.toLowerCase();
    const plain = letters[lower] ?? letter;
    const isUpper = lower !== letter;
    return isUpper && plain !== letter ? plain[0]!.toUpperCase() + plain.slice(1) : plain;
  });
}
