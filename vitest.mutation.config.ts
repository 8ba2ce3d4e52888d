import { defineConfig } from "vitest/config";
import base, { common } from "./vitest.config.js";

/** The tests that `npm run mutation` holds against the journal, the plan and the rules of retrying. */
export default defineConfig({
  ...base,
  test: {
    ...common,
    include: [
      "packages/transfer/src/{journal/{codec,damaged-journal,download-journal,journal,replay,unkept-journal,vectors},plan,retry}.test.ts",
    ],
    maxWorkers: 1,
    isolate: false,
  },
});
