#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { ignoreHangup } from "./failure/interruption.js";
import { OutputError, printError, runImg } from "./run-img.js";
import { leaveDeletedFolder } from "./start/working-folder.js";

ignoreHangup();
leaveDeletedFolder();
/**
 * Delays V8's optimization of undici's HTTP parser, which is WebAssembly. On Node 20 it begins after one
 * request, and the process cannot end before it is done: 60 ms (measured), a quarter of a short command. With
 * this flag it begins only after a few thousand requests.
 */
setFlagsFromString("--wasm-tiering-budget=1000000000");
const argv = process.argv.slice(2);
// This must happen before the command's modules are loaded.
if (argv.includes("--verbose") || argv.includes("-v")) process.setSourceMapsEnabled(true);

const exitOfClosed = 1;
const unwritten = (error: Error & { code?: string }): never => {
  // A reader such as `head` may have closed the pipe; what a transfer has sent is in its journal.
  const isClosed = error.code === "EPIPE";
  process.exit(isClosed ? exitOfClosed : printError(argv, new OutputError({ cause: error })));
};
process.stdout.on("error", unwritten);
process.stderr.on("error", () => process.exit(exitOfClosed));
process.on("uncaughtException", (error) => process.exit(printError(argv, error)));

void runImg(argv).then((exitCode) => {
  // Idle connections would keep the process alive for seconds. All output must be written first.
  process.stdout.write("", (error) => {
    if (error) unwritten(error);
    process.stderr.write("", () => process.exit(exitCode));
  });
});
