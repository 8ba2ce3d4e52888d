import { defineConfig } from "vitest/config";
import base, { common } from "./vitest.config.js";

/** What must be alike on both stores, and what only the S3 store has: see packages/local-server/s3-test/store.sh. */
export default defineConfig({
  ...base,
  test: {
    ...common,
    include: [
      "packages/*/src/**/*.s3.test.ts",
      "examples/*.s3.test.ts",
      "page/**/*.s3.test.ts",
      "packages/local-server/src/{api/*,http/refused}.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: "packages/local-server/src/testing/make-bucket.ts",
  },
});
