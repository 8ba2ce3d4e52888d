import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** What a file is by its first bytes. The service boots raw images. */
export type ImageType =
  "raw" | "qcow2" | "vmdk" | "vhd" | "vhdx" | "vdi" | "iso" | "gzip" | "xz" | "zstd";

interface Magic {
  readonly type: ImageType;
  readonly at: number;
  readonly bytes: string;
}

// An ISO may be bootable as raw too (isohybrid): those begin with a boot sector, as raw ones do.
const magics: readonly Magic[] = [
  { type: "qcow2", at: 0, bytes: "514649fb" },
  { type: "vmdk", at: 0, bytes: "4b444d56" },
  { type: "vhd", at: 0, bytes: "636f6e6563746978" },
  { type: "vhdx", at: 0, bytes: "7668647866696c65" },
  { type: "vdi", at: 64, bytes: "7f10dabe" },
  { type: "gzip", at: 0, bytes: "1f8b08" },
  { type: "xz", at: 0, bytes: "fd377a585a00" },
  { type: "zstd", at: 0, bytes: "28b52ffd" },
  { type: "iso", at: 0x8001, bytes: "4344303031" },
];

/** How much of a file its type is told by. */
export const headBytes = 0x8006;

/** The type of what begins with these bytes; what is nothing else is taken as raw. */
export function imageType(head: Uint8Array): ImageType {
  const view = Buffer.from(head.buffer, head.byteOffset, head.length);
  const found = magics.find(
    ({ at, bytes }) => view.subarray(at, at + bytes.length / 2).toString("hex") === bytes,
  );
  return found?.type ?? "raw";
}

/** The type of a file, by its first bytes. */
export async function imageTypeOf(path: string): Promise<ImageType> {
  // A FIFO must not block.
  const file = await open(path, constants.O_RDONLY | nonBlocking);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return imageType(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

// Windows has none, and no FIFO under a file's name either.
const nonBlocking = (constants as { O_NONBLOCK?: number }).O_NONBLOCK ?? 0;

/** What to say about a type that does not boot; null for one that does. */
export function typeWarning(type: ImageType): string | null {
  switch (type) {
    case "raw":
      return null;
    case "gzip":
    case "xz":
    case "zstd":
      return `This is a ${type} file, and the service boots raw images: unpack it first.`;
    case "iso":
      return "This is an ISO image, and the service boots raw images.";
    default:
      return `This is a ${type} image, and the service boots raw ones: qemu-img convert -O raw IN OUT`;
  }
}
