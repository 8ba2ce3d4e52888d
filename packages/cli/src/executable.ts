// What a single executable of the command starts with: everything is in it, and no other file is read.
import { setFlagsFromString } from "node:v8";
import { endWith, wasmTieringFlag } from "./ending.js";
import * as img from "./run-img.js";

setFlagsFromString(wasmTieringFlag);
void endWith(process.argv.slice(2), img);
