import { defineConfig } from "vite";

/** Into the package that serves and ships it. What is built has no inline script or style: its policy forbids them. */
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
