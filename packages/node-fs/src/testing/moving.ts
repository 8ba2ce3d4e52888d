import { expect } from "vitest";
import type { DownloadImageOptions } from "../download.js";
import type { UploadImageOptions } from "../upload.js";
import { partBytes, seededBytes, sha256Of } from "./seeded.js";
import { sha256OfFile, type World } from "./world.js";

/** An image of one part and a shorter one. */
export const twoParts: Buffer = seededBytes("two parts", partBytes + 123_457);

export type Direction = "upload" | "download";

export const directions: readonly Direction[] = ["upload", "download"];

/** The direction in which a transfer's bytes pass the proxy. */
export const wayOf = (direction: Direction): "up" | "down" =>
  direction === "upload" ? "up" : "down";

/** A transfer, and how to run it again. */
export interface Transfer {
  run(options?: UploadImageOptions & DownloadImageOptions): Promise<{ readonly elapsedMs: number }>;
  /** SHA-256 of what is stored: on the server, or in the target. */
  storedSha256(): Promise<string>;
  readonly sha256: string;
}

export async function transferOf(
  world: World,
  direction: Direction,
  bytes: Buffer = twoParts,
): Promise<Transfer> {
  return direction === "upload" ? uploadOf(world, bytes) : downloadOf(world, bytes);
}

async function uploadOf(world: World, bytes: Buffer): Promise<Transfer> {
  const path = await world.file("image.raw", bytes);
  let id = "";
  return {
    run: async (options) => {
      const result = await world.upload(path, options);
      id = result.image.id;
      return result;
    },
    storedSha256: () => world.storedSha256(id),
    sha256: sha256Of(bytes),
  };
}

async function downloadOf(world: World, bytes: Buffer): Promise<Transfer> {
  const id = await world.image("image", bytes);
  const target = world.path("target.raw");
  return {
    run: (options) => world.download(id, target, options),
    storedSha256: () => sha256OfFile(target),
    sha256: sha256Of(bytes),
  };
}

/** Runs a transfer once. It must succeed, and the stored bytes must be those that were sent. */
export async function succeeds(
  transfer: Transfer,
  options?: UploadImageOptions & DownloadImageOptions,
): Promise<{ readonly elapsedMs: number }> {
  const result = await transfer.run(options);
  expect(await transfer.storedSha256()).toBe(transfer.sha256);
  return result;
}
