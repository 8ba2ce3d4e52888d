#!/usr/bin/env node
import { runImg, tellError } from "./run-img.js";

const argv = process.argv.slice(2);
// A reader such as `head` may have seen enough; what a transfer has sent is in its journal.
for (const out of [process.stdout, process.stderr]) out.on("error", () => process.exit(1));
process.on("uncaughtException", (error) => process.exit(tellError(argv, error)));

const exitCode = await runImg(argv);
// Idle connections would keep the process for seconds; what was written must be out first.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
