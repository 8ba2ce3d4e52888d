import { createCipheriv, createHash } from "node:crypto";

export const MiB: number = 1024 * 1024;

/** The shortest part that the engine cuts. */
export const partBytes: number = 5 * MiB;

/** Random bytes, the same for the same seed. */
export function seededBytes(seed: string, lengthBytes: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(lengthBytes));
}

export const sha256Of = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");
