import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { detectFormat } from "@img/disk-formats/detect";
import type { ImageFormat } from "@img/node-fs";

/** What a file is, by its content: a disk image, a compressed one, or an installer. */
export type ImageType = ImageFormat | "iso";

interface Magic {
  readonly type: ImageType;
  readonly at: number;
  readonly bytes: string;
}

// A raw disk may also be an ISO (isohybrid): it then begins with a boot sector, as other raw disks do.
const magics: readonly Magic[] = [
  { type: "gzip", at: 0, bytes: "1f8b08" },
  { type: "xz", at: 0, bytes: "fd377a585a00" },
  { type: "zstd", at: 0, bytes: "28b52ffd" },
  { type: "iso", at: 0x8001, bytes: "4344303031" },
];

/** How many bytes from the start of a file are needed to tell its type. */
export const headBytes = 0x8006;

/** Returns the type of a file that begins with these bytes and is not a disk image; null if it may be one. */
function otherType(head: Uint8Array): ImageType | null {
  const view = Buffer.from(head.buffer, head.byteOffset, head.length);
  const found = magics.find(
    ({ at, bytes }) => view.subarray(at, at + bytes.length / 2).toString("hex") === bytes,
  );
  return found?.type ?? null;
}

/** Detects the type of a file by its content. */
export async function imageTypeOf(path: string): Promise<ImageType> {
  // Opening a FIFO must not block.
  const file = await open(path, constants.O_RDONLY | nonBlocking);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const other = otherType(buffer.subarray(0, bytesRead));
    if (other !== null) return other;
    const read = async (offset: number, into: Uint8Array): Promise<void> => {
      await file.read(into, 0, into.length, offset);
    };
    const { size: sizeBytes } = await file.stat();
    return await detectFormat({ sizeBytes, read }, new AbortController().signal);
  } finally {
    await file.close();
  }
}

// Windows has no such flag, and no FIFOs with file names.
const nonBlocking = (constants as { O_NONBLOCK?: number }).O_NONBLOCK ?? 0;

/** Returns the warning for a file whose bytes are sent as they are and will not boot; null if they will. */
export function typeWarning(type: ImageType): string | null {
  switch (type) {
    case "raw":
    case "iso": // a finding of the disk's check
      return null;
    case "gzip":
    case "xz":
    case "zstd":
      return `This is a ${type} file, and --format raw sends it as it is. The service boots raw images: leave --format out.`;
    default:
      return `This is a ${type} image, and --format raw sends it as it is. The service boots raw images: leave --format out.`;
  }
}
