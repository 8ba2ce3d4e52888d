import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Tests run on the sources: each entry of a package's `exports` points at the file that it is built from. */
function sourceAliases() {
  return readdirSync("packages").flatMap((folder) => {
    const { name, exports } = JSON.parse(
      readFileSync(`packages/${folder}/package.json`, "utf8"),
    ) as {
      name: string;
      exports: Record<string, { default: string }>;
    };
    return Object.entries(exports).map(([subpath, target]) => ({
      find: new RegExp(`^${(name + subpath.slice(1)).replace(/[/.]/g, "\\$&")}$`),
      replacement: `${import.meta.dirname}/packages/${folder}/${sourceOf(target.default)}`,
    }));
  });
}

const sourceOf = (built: string) => built.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts");

export default defineConfig({
  resolve: { alias: sourceAliases() },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "examples/**/*.test.ts",
      "bench/**/*.test.ts",
      "guards/**/*.test.ts",
      "page/**/*.test.ts",
    ],
    // Those of `npm run test:s3` need a real S3-compatible store.
    exclude: ["**/node_modules/**", "**/dist/**", "**/*.s3.test.ts"],
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/*.d.ts"],
      reporter: ["text", "json-summary"],
    },
  },
});
