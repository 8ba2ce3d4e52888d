import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

interface Loaded {
  readonly contents: string;
}
type Load = (file: { readonly path: string }) => Loaded;
interface Plugin {
  readonly name: string;
  readonly setup: (build: {
    onResolve: () => void;
    onLoad: (of: { readonly filter: RegExp }, load: Load) => void;
  }) => void;
}
interface Bundle {
  readonly plugins: (workerUrl: (name: string) => string) => readonly Plugin[];
}

const bundle = (await import(
  pathToFileURL(join(import.meta.dirname, "../bundle.js")).href
)) as Bundle;

/** Records how the build reads files of our own packages: the first filter that matches a path decides. */
function ourPackages(): readonly { readonly filter: RegExp; readonly load: Load }[] {
  const found: { filter: RegExp; load: Load }[] = [];
  const plugin = bundle
    .plugins((name) => `beside("${name}")`)
    .find(({ name }) => name === "our-packages")!;
  plugin.setup({
    onResolve: () => undefined,
    onLoad: ({ filter }, load) => void found.push({ filter, load }),
  });
  return found;
}

test.each([
  ["/home/ada/img/packages/node-fs/dist/threads/lane-threads.js", true],
  ["C:\\img\\packages\\node-fs\\dist\\threads\\lane-threads.js", true],
  ["D:\\a\\img\\packages\\local-server\\dist\\server.js", true],
  ["C:\\img\\node_modules\\undici\\lib\\dispatcher\\client.js", false],
  ["C:\\img\\packages\\node-fs\\src\\platform.ts", false],
])("whether %s is a built file of ours, whose threads the bundle moves: %s", (path, isOurs) => {
  expect(ourPackages().some(({ filter }) => filter.test(path))).toBe(isOurs);
});

test("the file of every thread that our packages start is one beside the bundle", () => {
  const loaders = ourPackages();
  const dist = join(import.meta.dirname, "../../node-fs/dist");
  const texts = readdirSync(dist, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".js"))
    .map((file) => join(dist, file))
    .map((path) => loaders.find(({ filter }) => filter.test(path))!.load({ path }).contents);
  const moved = texts.flatMap((text) => [...text.matchAll(/beside\("([\w-]+)\.js"\)/g)]);
  expect(moved.length).toBeGreaterThan(0);
  for (const text of texts) expect(text).not.toMatch(/new URL\("[^"]*-worker\.js"/);
});
