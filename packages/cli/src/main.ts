#!/usr/bin/env node
import { runImg } from "./run-img.js";

const exitCode = await runImg(process.argv.slice(2));
// Idle connections would keep the process for seconds; what was written must be out first.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
