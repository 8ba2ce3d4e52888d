#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { ignoreHangup } from "./failure/interruption.js";
import { OutputError, printError, runImg } from "./run-img.js";
import { leaveDeletedFolder } from "./start/working-folder.js";

ignoreHangup();
leaveDeletedFolder();
/**
 * undici's parser of HTTP is WebAssembly. After a request V8 begins to optimize it on Node 20, and a process does
 * not end before that is done: 60 ms (measured), a quarter of a short command. With this flag it begins only after
 * a few thousand requests' worth of work.
 */
setFlagsFromString("--wasm-tiering-budget=1000000000");
const argv = process.argv.slice(2);
// Before what a command needs is loaded.
if (argv.includes("--verbose") || argv.includes("-v")) process.setSourceMapsEnabled(true);

const exitOfClosed = 1;
const unwritten = (error: Error & { code?: string }): never => {
  // A reader such as `head` may have seen enough; what a transfer has sent is in its journal.
  const isClosed = error.code === "EPIPE";
  process.exit(isClosed ? exitOfClosed : printError(argv, new OutputError({ cause: error })));
};
process.stdout.on("error", unwritten);
process.stderr.on("error", () => process.exit(exitOfClosed));
process.on("uncaughtException", (error) => process.exit(printError(argv, error)));

void runImg(argv).then((exitCode) => {
  // Idle connections would keep the process for seconds; what was written must be out first.
  process.stdout.write("", (error) => {
    if (error) unwritten(error);
    process.stderr.write("", () => process.exit(exitCode));
  });
});
