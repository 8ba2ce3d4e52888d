import type { ImageListEntry } from "@img/core/models";

type Compare = (a: ImageListEntry, b: ImageListEntry) => number;

const byName: Compare = (a, b) => a.name.localeCompare(b.name, "en", { numeric: true });
const byAge: Compare = (a, b) => b.createdAt - a.createdAt;

/** The orders of a list of images, as they are shown. */
export const orders = {
  "Newest first": byAge,
  "Oldest first": (a, b) => byAge(b, a),
  "Name A to Z": byName,
  "Name Z to A": (a, b) => byName(b, a),
} as const satisfies Readonly<Record<string, Compare>>;

export type Order = keyof typeof orders;

/**
 * Returns the images that match a search, sorted. A search matches any part of the name, or the beginning of the id
 * or SHA-256.
 */
export function foundImages(
  images: readonly ImageListEntry[],
  search: string,
  order: Order,
): readonly ImageListEntry[] {
  const text = search.trim().toLowerCase();
  return images
    .filter(
      ({ id, name, sha256 }) =>
        name.toLowerCase().includes(text) ||
        id.toLowerCase().startsWith(text) ||
        sha256?.startsWith(text) === true,
    )
    .sort(orders[order]);
}
