import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A disk image of `testdata/` with its expected result. The README there describes the form. */
export interface Vector {
  readonly title: string;
  readonly image: Uint8Array;
  /** The ranges that the vector sets: the structures, without zeros. */
  readonly written: readonly { readonly at: number; readonly lengthBytes: number }[];
  readonly expected: readonly string[];
}

export const testdata: string = join(import.meta.dirname, "../../testdata");

export function readVector(format: string, name: string): Vector {
  const lines = readFileSync(join(testdata, format, name), "utf8").split("\n");
  const valueOf = (key: string): string | undefined =>
    lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
  const baseName = valueOf("base");
  const base = baseName === undefined ? null : readVector(format, `${baseName}.hex`);
  const image = new Uint8Array(Number(valueOf("size") ?? base?.image.length));
  image.set(base?.image.subarray(0, image.length) ?? []);
  const own = lines.filter((line) => line.startsWith("@")).map(readRow);
  for (const { at, bytes } of own) image.set(bytes, at);
  return {
    title: (lines[0] ?? "").replace(/^# /, ""),
    image,
    written: [
      ...(base?.written ?? []),
      ...own.map(({ at, bytes }) => ({ at, lengthBytes: bytes.length })),
    ],
    expected: lines.filter((line) => line.startsWith("expect ")).map((line) => line.slice(7)),
  };
}

function readRow(line: string): { at: number; bytes: Uint8Array } {
  const [offset = "", ...words] = line.slice(1).split(" ");
  return { at: parseInt(offset, 16), bytes: Buffer.concat(words.map(readBytes)) };
}

/** Parses bytes such as `aabbcc` or `aa*512`. */
export function readBytes(word: string): Uint8Array {
  const [hex = "", times = "1"] = word.split("*");
  return Buffer.from(hex.repeat(Number(times)), "hex");
}
