import * as sea from "node:sea";

/**
 * Returns the page's files by their paths (`/index.html`) in a single executable; null elsewhere, where the
 * server finds them in its own folder.
 */
export function bundledPage(): ReadonlyMap<string, Buffer> | null {
  if (!sea.isSea()) return null;
  const files = JSON.parse(sea.getAsset("page.json", "utf8")) as Record<string, string>;
  return new Map(
    Object.entries(files).map(([path, base64]) => [path, Buffer.from(base64, "base64")]),
  );
}
