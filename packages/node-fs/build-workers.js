// Puts the scripts of the threads into the modules that start them, each with all that it imports. Deflated: the one of the
// lanes has undici in it, which few callers need.
import { build } from "esbuild";
import { readFileSync, writeFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";

const workers = {
  "compressed/decode-worker": "decodeWorkerScript",
  "disks/disk-worker": "diskWorkerScript",
  "hashing/digest-worker": "digestWorkerScript",
  "hashing/part-hash-worker": "partHashWorkerScript",
  "threads/lane-worker": "laneWorkerScript",
};

for (const [file, name] of Object.entries(workers)) {
  const { outputFiles } = await build({
    entryPoints: [`dist/${file}.js`],
    bundle: true,
    minify: true,
    format: "cjs",
    platform: "node",
    target: "node20.15",
    legalComments: "inline",
    write: false,
  });
  const packed = deflateRawSync(outputFiles[0].contents, { level: 9 }).toString("base64");
  const path = `dist/${file}-script.js`;
  const map = /\n\/\/# sourceMappingURL=.*/.exec(readFileSync(path, "utf8"))[0];
  writeFileSync(
    path,
    `import { inflateRawSync } from "node:zlib";
const packed = "${packed}";
export const ${name} = () => inflateRawSync(Buffer.from(packed, "base64")).toString();${map}
`,
  );
}
