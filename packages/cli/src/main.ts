#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { loadCompiled } from "./compile-cache.js";

/** Everything else is loaded after what must be set before. */
async function main(argv: readonly string[]): Promise<void> {
  compileWasmOnce();
  const isVerbose = argv.includes("--verbose") || argv.includes("-v");
  if (isVerbose) process.setSourceMapsEnabled(true); // which Node does for what it loads itself
  const file = fileURLToPath(new URL("./run-img.js", import.meta.url));
  const { exports, keep } = loadCompiled(file, isVerbose ? "" : (argv[0] ?? ""));
  const { runImg, tellError, OutputError } = exports as typeof import("./run-img.js");
  const unwritten = (error: Error & { code?: string }): never => {
    // A reader such as `head` may have seen enough; what a transfer has sent is in its journal.
    const isClosed = error.code === "EPIPE";
    process.exit(isClosed ? exitOfClosed : tellError(argv, new OutputError({ cause: error })));
  };
  process.stdout.on("error", unwritten);
  process.stderr.on("error", () => process.exit(exitOfClosed));
  process.on("uncaughtException", (error) => process.exit(tellError(argv, error)));
  const exitCode = await runImg(argv);
  if (exitCode === 0) keep();
  // Idle connections would keep the process for seconds; what was written must be out first.
  process.stdout.write("", (error) => {
    if (error) unwritten(error);
    process.stderr.write("", () => process.exit(exitCode));
  });
}

const exitOfClosed = 1;

/**
 * undici's parser of HTTP is WebAssembly. After a request V8 begins to optimize it, and a process does not
 * end before that is done, which takes 100 ms (measured): as long as all else that a short command does.
 * So it begins only after a few thousand requests' worth of work.
 */
function compileWasmOnce(): void {
  setFlagsFromString("--wasm-tiering-budget=1000000000");
}

void main(process.argv.slice(2));
