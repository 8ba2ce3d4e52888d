import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { fromSources } from "./scripts.js";

/** What a page loads for this entry at once: its chunk and those that it imports, not what comes later. */
export async function loadedAtOnce(entry: string): Promise<{ text: string; gzippedBytes: number }> {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: entry,
      resolveDir: import.meta.dirname,
      sourcefile: "entry.ts",
      loader: "ts",
    },
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    outdir: "/",
    write: false,
    metafile: true,
    plugins: [fromSources],
  });
  const outputs = Object.entries(metafile.outputs).map(([path, output]) => ({
    name: path.replace(/^.*\//, ""),
    output,
  }));
  const wanted = new Set<string>();
  const want = (name: string): void => {
    wanted.add(name);
    const imports = outputs.find((one) => one.name === name)?.output.imports ?? [];
    for (const { path, kind } of imports) {
      if (kind === "import-statement") want(path.replace(/^.*\//, ""));
    }
  };
  want(
    outputs.find(({ output }) => output.entryPoint !== undefined && /entry/.test(output.entryPoint))
      ?.name ?? "",
  );
  const texts = outputFiles
    .filter(({ path }) => wanted.has(path.replace(/^.*\//, "")))
    .map(({ text }) => text);
  const gzippedBytes = texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);
  return { text: texts.join("\n"), gzippedBytes };
}
