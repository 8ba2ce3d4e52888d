import { defineConfig } from "vite";

/**
 * Builds into the package that serves and ships the page. The page's policy forbids inline scripts and styles,
 * so there are none.
 */
export default defineConfig({
  base: "./",
  build: {
    outDir: "../packages/local-server/dist/page",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
});
