import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./workspace.js";

const KiB = 1024;

/** What a consumer's bundler takes of an import, minified and gzipped. About a fifth over what it was when set. */
const budgets = [
  { of: "Sfc", from: "core/src/index.ts", mostBytes: 9 * KiB },
  { of: "imagesList", from: "core/src/images-list.ts", mostBytes: 8 * KiB },
  { of: "upload", from: "transfer/src/index.ts", mostBytes: 36 * KiB },
  { of: "download", from: "transfer/src/index.ts", mostBytes: 31 * KiB },
  { of: "planParts", from: "transfer/src/index.ts", mostBytes: 1 * KiB },
  { of: "uploadImage", from: "node-fs/src/index.ts", mostBytes: 51 * KiB },
] as const;

test.each(budgets)("$of costs at most $mostBytes bytes", async ({ of, from, mostBytes }) => {
  const gzippedBytes = gzipSync(await bundled(of, from), { level: 9 }).byteLength;
  console.log(`${of}: ${gzippedBytes} of ${mostBytes} bytes`);
  expect(gzippedBytes).toBeLessThanOrEqual(mostBytes);
});

async function bundled(name: string, from: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${name} } from "./${from}";`, resolveDir: join(root, "packages") },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "es2022",
    // Loaded with the first part, and not ours to shrink; with the first disk image that is not raw.
    external: ["undici", "@img/disk-formats"],
  });
  return outputFiles[0]?.text ?? "";
}
