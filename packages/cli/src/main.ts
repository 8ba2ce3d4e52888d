#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { loadCompiled } from "./compile-cache.js";
import { ignoreHangup } from "./interruption.js";
import { leaveDeletedFolder } from "./working-folder.js";
import { endWith, wasmTieringFlag } from "./ending.js";

/** Everything else is loaded after what must be set before. */
async function main(argv: readonly string[]): Promise<void> {
  ignoreHangup();
  leaveDeletedFolder();
  setFlagsFromString(wasmTieringFlag);
  const isVerbose = argv.includes("--verbose") || argv.includes("-v");
  if (isVerbose) process.setSourceMapsEnabled(true); // which Node does for what it loads itself
  const file = fileURLToPath(new URL("./run-img.js", import.meta.url));
  const { exports, keep } = loadCompiled(file, isVerbose ? "" : (argv[0] ?? ""));
  await endWith(argv, exports as typeof import("./run-img.js"), keep);
}

void main(process.argv.slice(2));
