import { FormatUnsupportedError } from "../errors.js";
import type { Fields } from "../fields.js";
import type { ImageFile } from "../image-file.js";

/**
 * The bits of the header's incompatible features. Compatible and autoclear ones change nothing for a reader.
 */
const dirty = 0; // its reference counts may be wrong; a reader does not need them
const corrupt = 1;
const externalData = 2;
const otherCompression = 3;
const extendedL2 = 4;
const known = [dirty, corrupt, externalData, otherCompression, extendedL2];

interface Features {
  readonly hasSubclusters: boolean;
  readonly compression: "deflate" | "zstd";
}

/** Refuses images whose version 3 header needs something unsupported. */
export function checkFeatures(file: ImageFile, fields: Fields): Features {
  const headerBytes = fields.u32(100);
  if (headerBytes < 104 || headerBytes % 8 !== 0 || headerBytes > fields.bytes.length) {
    throw file.damaged(`its header is ${headerBytes} bytes long`);
  }
  const isSet = (bit: number): boolean =>
    (fields.u32(bit < 32 ? 76 : 72) & (2 ** (bit % 32))) !== 0;
  if (isSet(corrupt)) {
    throw new FormatUnsupportedError(
      "qcow2",
      "is marked as corrupt",
      "Repair it first: qemu-img check -r all FILE.",
    );
  }
  if (isSet(externalData)) {
    throw new FormatUnsupportedError(
      "qcow2",
      "keeps its data in another file, which is never opened since the image itself chooses its path",
      "Merge both into one file: qemu-img convert -O qcow2 IN OUT.",
    );
  }
  const unknown = Array.from({ length: 64 }, (_, bit) => bit).find(
    (bit) => isSet(bit) && !known.includes(bit),
  );
  if (unknown !== undefined) refuseUnknown(fields, headerBytes, unknown);
  return {
    hasSubclusters: isSet(extendedL2),
    compression: compressionOf(file, fields, headerBytes, isSet(otherCompression)),
  };
}

function compressionOf(
  file: ImageFile,
  fields: Fields,
  headerBytes: number,
  isOther: boolean,
): "deflate" | "zstd" {
  const type = headerBytes > 104 ? fields.u8(104) : 0;
  if (isOther !== (type !== 0)) {
    throw file.damaged(`its header contradicts itself about compression type ${type}`);
  }
  if (type > 1) {
    throw new FormatUnsupportedError(
      "qcow2",
      `has an unknown compression type, ${type}`,
      "Convert it with a current qemu-img convert -O raw.",
    );
  }
  return type === 0 ? "deflate" : "zstd";
}

function refuseUnknown(fields: Fields, headerBytes: number, bit: number): never {
  const name = featureName(fields, headerBytes, bit);
  throw new FormatUnsupportedError(
    "qcow2",
    `needs an unknown feature, ${name === null ? `bit ${bit}` : `"${name}" (bit ${bit})`}`,
    "Convert it with a current qemu-img convert -O raw.",
  );
}

const featureNames = 0x6803f857;
const nameEntryBytes = 48;

/** Returns the name of an incompatible feature, from the header's table of feature names. */
function featureName(fields: Fields, headerBytes: number, bit: number): string | null {
  const end = fields.bytes.length;
  for (let at = headerBytes; at + 8 <= end;) {
    const type = fields.u32(at);
    const lengthBytes = fields.u32(at + 4);
    if (type === 0 || at + 8 + lengthBytes > end) return null;
    if (type === featureNames) return nameIn(fields, at + 8, lengthBytes, bit);
    at += 8 + Math.ceil(lengthBytes / 8) * 8;
  }
  return null;
}

function nameIn(fields: Fields, start: number, lengthBytes: number, bit: number): string | null {
  for (let at = start; at + nameEntryBytes <= start + lengthBytes; at += nameEntryBytes) {
    if (fields.u8(at) === 0 && fields.u8(at + 1) === bit) return printable(fields.text(at + 2, 46));
  }
  return null;
}

/** Removes control characters: the image contains this text, and it is printed to a terminal. */
const printable = (text: string): string => text.replace(/[^ -~]/g, "");
