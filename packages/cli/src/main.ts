#!/usr/bin/env node
import * as nodeModule from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { setFlagsFromString } from "node:v8";

const argv = process.argv.slice(2);
// All three must come before what they are about is loaded.
rememberCompiled();
// undici's parser is one large function of WebAssembly: to optimize it costs more than it ever gives back
// here (0.3 s of CPU and 20 MiB, measured on 2 GiB up and down), and a process of this command is short.
setFlagsFromString("--liftoff-only");
if (argv.includes("--verbose") || argv.includes("-v")) process.setSourceMapsEnabled(true);

const { runImg, tellError } = await import("./run-img.js");
// A reader such as `head` may have seen enough; what a transfer has sent is in its journal.
for (const out of [process.stdout, process.stderr]) out.on("error", () => process.exit(1));
process.on("uncaughtException", (error) => process.exit(tellError(argv, error)));

const exitCode = await runImg(argv);
// Idle connections would keep the process for seconds; what was written must be out first.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));

/**
 * Node 22.8 and later keep what they compiled. Not in the folder for temporary files, which is Node's
 * default: others may write there, and what is kept is run.
 */
function rememberCompiled(): void {
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (folder: string) => unknown };
  const chosen = process.env["XDG_CACHE_HOME"] ?? "";
  enableCompileCache?.(join(isAbsolute(chosen) ? chosen : join(homedir(), ".cache"), "img"));
}
