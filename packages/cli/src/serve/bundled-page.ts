import * as sea from "node:sea";

/**
 * The page's files by their paths (`/index.html`), where this is a single executable that has them in it;
 * null elsewhere, where the server finds them beside itself.
 */
export function bundledPage(): ReadonlyMap<string, Buffer> | null {
  if (!sea.isSea()) return null;
  const files = JSON.parse(sea.getAsset("page.json", "utf8")) as Record<string, string>;
  return new Map(
    Object.entries(files).map(([path, base64]) => [path, Buffer.from(base64, "base64")]),
  );
}
