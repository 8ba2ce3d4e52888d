// A page loads a worker as one file: import maps do not reach into it, and a bundler may not either.
import { build } from "esbuild";

await build({
  entryPoints: ["src/image-worker.ts", "src/clock-worker.ts"],
  outdir: "dist",
  bundle: true,
  minify: true,
  sourcemap: true,
  format: "esm",
  target: "es2022",
  legalComments: "inline",
});
