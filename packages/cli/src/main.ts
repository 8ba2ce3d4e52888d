#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { ignoreHangup } from "./failure/interruption.js";
import { endWith } from "./start/ending.js";
import { leaveDeletedFolder } from "./start/working-folder.js";

ignoreHangup();
leaveDeletedFolder();
/**
 * undici's parser of HTTP is WebAssembly. After a request V8 begins to optimize it, and a process does not
 * end before that is done, which takes 100 ms (measured): as long as all else that a short command does.
 * With this flag it begins only after a few thousand requests' worth of work.
 */
setFlagsFromString("--wasm-tiering-budget=1000000000");
const argv = process.argv.slice(2);
// Before what a command needs is loaded.
if (argv.includes("--verbose") || argv.includes("-v")) process.setSourceMapsEnabled(true);
void endWith(argv);
