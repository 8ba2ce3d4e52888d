import type { DiskFile } from "@img/disk-formats";

/** How a file is compressed as a whole. */
export type Compression = "gzip" | "xz" | "zstd";

/** What tells a compressed file from others, and what unpacks it by hand. */
interface Known {
  readonly magic: RegExp;
  readonly unpack: string;
  readonly unpackPiped: string;
}

const known: Readonly<Record<Compression, Known>> = {
  gzip: { magic: /^1f8b08[01]/, unpack: "gzip -dk", unpackPiped: "gzip -dc" },
  xz: { magic: /^fd377a585a00/, unpack: "xz -dk", unpackPiped: "xz -dc" },
  // A file may begin with a frame that is skipped, as those of pzstd do.
  zstd: {
    magic: /^(28b52ffd|5.2a4d18)/,
    unpack: "zstd -d --long=31",
    unpackPiped: "zstd -dc --long=31",
  },
};

export const compressions: readonly Compression[] = ["gzip", "xz", "zstd"];

/** How much of a file tells how it is compressed. */
const magicBytes = 6;

/** @param head The file's first bytes. @returns Null if it is not compressed in a way that is known. */
export function compressionOf(head: Uint8Array): Compression | null {
  const hex = Buffer.from(head.buffer, head.byteOffset, head.length).toString("hex");
  return compressions.find((one) => known[one].magic.test(hex)) ?? null;
}

/** How a file is compressed; null if it is not. */
export async function compressionIn(
  file: DiskFile,
  signal: AbortSignal,
): Promise<Compression | null> {
  const head = new Uint8Array(Math.min(magicBytes, file.sizeBytes));
  await file.read(0, head, signal);
  return compressionOf(head);
}

export const isCompression = (format: string): format is Compression =>
  (compressions as readonly string[]).includes(format);

/** The command that unpacks a file, and what the file is called then. */
export function unpackCommand(path: string, compression: Compression): string {
  const unpacked = path.replace(/\.(gz|xz|zst|zstd)$/i, "");
  const to = unpacked === path ? `the unpacked file` : unpacked;
  return `${known[compression].unpack} ${path} && img upload ${to}`;
}

/** The command that fetches a file from a web server and unpacks it. @param url As it may be shown. */
export function unpackUrlCommand(url: string, compression: Compression): string {
  const word = /^[\w@%+=:,./-]+$/.test(url) ? url : `'${url.replaceAll("'", "%27")}'`;
  return `curl -L ${word} | ${known[compression].unpackPiped} > disk && img upload disk`;
}
