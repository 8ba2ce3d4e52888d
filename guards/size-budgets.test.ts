import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./workspace.js";

const KiB = 1024;

/** What a user's bundler adds for an import, minified and gzipped. About a fifth more than when it was set. */
const budgets = [
  { of: "Sfc", from: "core/src/index.ts", mostBytes: 9 * KiB },
  { of: "imagesList", from: "core/src/images-list.ts", mostBytes: 7.9 * KiB },
  { of: "upload", from: "transfer/src/index.ts", mostBytes: 41 * KiB },
  { of: "download", from: "transfer/src/index.ts", mostBytes: 33 * KiB },
  { of: "planParts", from: "transfer/src/index.ts", mostBytes: 1 * KiB },
  { of: "uploadImage", from: "node-fs/src/index.ts", mostBytes: 72.5 * KiB },
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
    // undici is loaded with the first part, and is not ours; disk-formats with the first disk image that is not
    // raw.
    external: ["undici", "@img/disk-formats"],
  });
  return outputFiles[0]?.text ?? "";
}

/**
 * What the browser loads at once for the page of `img serve`, gzipped. The disk formats are loaded when a file
 * is chosen.
 */
const mostPageBytes = 66 * KiB;

test(`the page of img serve loads at most ${mostPageBytes} bytes at once`, async () => {
  const folder = join(root, "packages/local-server/dist/page");
  const html = await readFile(join(folder, "index.html"), "utf8");
  const names = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, name]) => name!);
  const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
  const gzippedBytes = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
  console.log(`the page: ${gzippedBytes} of ${mostPageBytes} bytes`);
  expect(names.length).toBeGreaterThanOrEqual(2);
  expect(gzippedBytes).toBeLessThanOrEqual(mostPageBytes);
});
