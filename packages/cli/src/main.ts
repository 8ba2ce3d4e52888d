#!/usr/bin/env node
import * as nodeModule from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { setFlagsFromString } from "node:v8";

/** Everything else is loaded after what must be set before. */
async function main(argv: readonly string[]): Promise<void> {
  rememberCompiled();
  compileWasmOnce();
  if (argv.includes("--verbose") || argv.includes("-v")) process.setSourceMapsEnabled(true);
  const { runImg, tellError } = await import("./run-img.js");
  // A reader such as `head` may have seen enough; what a transfer has sent is in its journal.
  for (const out of [process.stdout, process.stderr]) out.on("error", () => process.exit(1));
  process.on("uncaughtException", (error) => process.exit(tellError(argv, error)));
  const exitCode = await runImg(argv);
  // Idle connections would keep the process for seconds; what was written must be out first.
  process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
}

/**
 * Node 22.8 and later keep what they compiled. Not in the folder for temporary files, which is Node's
 * default: others may write there, and what is kept is run.
 */
function rememberCompiled(): void {
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (folder: string) => unknown };
  const chosen = process.env["XDG_CACHE_HOME"] ?? "";
  enableCompileCache?.(join(isAbsolute(chosen) ? chosen : join(homedir(), ".cache"), "img"));
}

/**
 * undici's parser of HTTP is WebAssembly. After a request V8 begins to optimize it, and a process does not
 * end before that is done, which takes 100 ms (measured): as long as all else that a short command does.
 * So it begins only after a few thousand requests' worth of work.
 */
function compileWasmOnce(): void {
  setFlagsFromString("--wasm-tiering-budget=1000000000");
}

void main(process.argv.slice(2));
