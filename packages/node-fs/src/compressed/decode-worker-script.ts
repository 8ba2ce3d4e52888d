/**
 * The script of the thread in `decode-worker.ts`. The build puts the whole script here, so that bundlers take it along: they
 * do not see a file that only a URL names, and `import.meta.url` is not the same in a bundle, or not there at all.
 * Here, for tests, it loads the built file.
 */
export const decodeWorkerScript = (): string => `import(${JSON.stringify(builtFile.href)})`;

const builtFile = new URL("../../dist/compressed/decode-worker.js", import.meta.url);
