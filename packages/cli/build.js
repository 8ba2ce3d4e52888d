// Builds the command as it is published: one file, and one for each thread.
import { build } from "esbuild";
import { rmSync, writeFileSync } from "node:fs";
import { licences, plugins, requireForPackages, shared, threads } from "./bundle.js";

rmSync("dist", { recursive: true, force: true });
const { metafile } = await build({
  ...shared,
  entryPoints: { main: "src/main.ts", ...threads() },
  outdir: "dist",
  format: "esm",
  banner: { js: requireForPackages },
  sourcemap: true,
  sourcesContent: true,
  // An optional package, loaded only by a server on a bucket.
  external: ["@aws-sdk/*"],
  plugins: plugins((name) => `new URL("./${name}", import.meta.url)`),
});
writeFileSync("dist/THIRD-PARTY-LICENSES.txt", licences(metafile));
