/** Letters that are more than a letter with a mark, in Latin letters without marks. */
const latin: Readonly<Record<string, string>> = {
  ...{ ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i", ħ: "h" },
};

/** Only German has ß, and its umlauts are written so. */
const german: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue" };

export const isImageName = (name: string): boolean =>
  /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,254}$/.test(name);

/**
 * A name that the service takes, as near to the file's as can be: "Müller disk.img" becomes "Muller-disk.img",
 * "Größe.img" becomes "Groesse.img".
 *
 * @returns "" where the file's name has letters of another script, or none at all: somebody has to find a name.
 */
export function imageName(fileName: string): string {
  const name = inLatin(fileName.normalize("NFC")).normalize("NFKD").replace(/\p{M}/gu, "");
  if (/[^\P{L}a-zA-Z]/u.test(name)) return "";
  return name
    .replace(/[^a-zA-Z0-9._-]+/g, "-")
    .replace(/-+(?=\.)|-+$/g, "")
    .replace(/^[^a-zA-Z0-9]+/, "")
    .slice(0, 255);
}

function inLatin(text: string): string {
  const letters = /ß/.test(text) ? { ...latin, ...german } : latin;
  return text.replace(/\p{L}/gu, (letter) => {
    const lower = letter.toLowerCase();
    const plain = letters[lower] ?? letter;
    const isUpper = lower !== letter;
    return isUpper && plain !== letter ? plain[0]!.toUpperCase() + plain.slice(1) : plain;
  });
}

/** The next name that is free: "disk-2.img" after "disk.img". */
export function nextName(name: string, isTaken: (name: string) => boolean): string {
  const [, stem = "", number, extension = ""] =
    /^(.*?)(?:-(\d{1,4}))?(\.[a-zA-Z]\w*)?$/.exec(name) ?? [];
  for (let next = Number(number ?? 1) + 1; ; next++) {
    const tail = `-${next}${extension}`;
    const found = stem.slice(0, 255 - tail.length) + tail;
    if (!isTaken(found)) return found;
  }
}
