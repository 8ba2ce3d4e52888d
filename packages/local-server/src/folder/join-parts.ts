import { createHash } from "node:crypto";
import type { FileSystem } from "@img/files";
import { inOrder } from "./image-folder.js";
import type { ImageFolder, Parts } from "./image-folder.js";
import type { ImageState } from "../images/image.js";
import { IncompleteError } from "../images/image-store.js";
import { checkParts, sumBytes } from "../images/parts.js";
import { imageEtag } from "./manifest.js";
import type { Manifest } from "./manifest.js";
import { readRange } from "./part-reader.js";

/**
 * Writes the manifest of an image whose parts have all arrived, and copies nothing. The manifest counts once
 * the record has the state that this resolves to.
 *
 * @param checkDigest Reads all bytes, to compare the SHA-256.
 * @throws {IncompleteError} The parts are not a complete image, or not the one with that digest.
 */
export async function joinParts(
  fs: FileSystem,
  folder: ImageFolder,
  parts: Parts,
  wanted: {
    readonly sha256: string;
    readonly checkDigest: boolean;
    readonly minPartBytes: number;
    readonly nowSec: number;
  },
): Promise<ImageState> {
  const manifest = inOrder(parts);
  const details = checkParts(manifest, wanted.minPartBytes);
  if (details.length > 0) throw new IncompleteError(details);
  if (wanted.checkDigest) await requireDigest(fs, folder, manifest, wanted.sha256);
  await folder.writeManifest(manifest);
  return {
    at: "completed",
    sha256: wanted.sha256,
    imageBytes: sumBytes(manifest),
    etag: imageEtag(manifest),
    completedAtSec: wanted.nowSec,
  };
}

async function requireDigest(
  fs: FileSystem,
  folder: ImageFolder,
  manifest: Manifest,
  sha256: string,
): Promise<void> {
  const hash = createHash("sha256");
  const whole = { from: 0, to: sumBytes(manifest) - 1 };
  for await (const bytes of readRange(fs, folder, manifest, whole)) hash.update(bytes);
  const found = hash.digest("hex");
  if (found === sha256) return;
  const message = `The parts have the SHA-256 ${found}.`;
  throw new IncompleteError([{ field: "sha256", code: "digest_mismatch", message }]);
}
