// Writes the CommonJS build beside the ESM one, from the same files: for `require` where Node cannot load ESM with it yet,
// and for tools that read CommonJS alone. Newer Nodes take the ESM build in both cases ("module-sync" in the manifest),
// so that a process has one copy.
import { build } from "esbuild";
import { cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

rmSync("dist/cjs", { recursive: true, force: true });
const files = readdirSync("dist", { recursive: true }).map((name) => join("dist", name));
const entryPoints = files.filter((name) => name.endsWith(".js"));
await build({
  entryPoints,
  outdir: "dist/cjs",
  outbase: "dist",
  format: "cjs",
  target: "es2022",
  sourcemap: true,
});
for (const file of files.filter((name) => name.endsWith(".d.ts"))) {
  cpSync(file, file.replace("dist", "dist/cjs"));
}
writeFileSync("dist/cjs/package.json", '{ "type": "commonjs" }\n');
