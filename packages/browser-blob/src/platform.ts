import {
  loaded,
  type Digest,
  type JournalStore,
  type Platform,
  type SavedDigest,
} from "@img/transfer";
import { startPageClock } from "./clock.js";
import { pageTransport } from "./page-transport.js";

/** A platform whose clock has to be stopped. */
export interface PagePlatform extends Platform {
  close(): Promise<void>;
}

/** The page as the engine's platform. The caller closes it. */
export function pagePlatform(
  journals: JournalStore,
  openDigest: (saved: SavedDigest | null) => Digest,
): PagePlatform {
  const clock = startPageClock();
  return {
    journals,
    openTransport: () => pageTransport,
    openDigest,
    allocate: (bytes) => new Uint8Array(bytes),
    expectManyListeners: () => undefined,
    busyMs: () => [], // a page cannot know
    mostPartBytes: Infinity, // browsers do not say
    // Loaded when it is needed: a new upload has its CRC-32s from the digest's worker.
    crc32: async (bytes, seed) => (await loaded(import("./crc32.js"))).crc32InSlices(bytes, seed),
    clock,
    close: async () => clock.close(),
  };
}
