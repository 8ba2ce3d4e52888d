// npm run soak -- --gib 2 --fault-rate 0.01 --seed 7 --seeds 1
// Moves images up and down under every fault of soak-faults.ts, and compares what comes of it.
import console from "node:console";
import { spawn } from "node:child_process";
import process from "node:process";
import { parseArgs } from "node:util";

const options = {
  /** Moved with each seed, up and down together. */
  gib: { type: "string", default: "2" },
  /** How many of the requests are struck, from 0 to 1. */
  "fault-rate": { type: "string", default: "0.01" },
  seed: { type: "string", default: "1" },
  /** How many seeds, from that one on. */
  seeds: { type: "string", default: "1" },
};

/** Ends with 2 if they are invalid. */
function given() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${error.message}\nWhat there is: --gib, --fault-rate, --seed, --seeds`);
    process.exit(2);
  }
}

const values = given();

const env = {
  ...process.env,
  IMG_SOAK_GIB: values.gib,
  IMG_SOAK_RATE: values["fault-rate"],
  IMG_SOAK_SEED: values.seed,
  IMG_SOAK_SEEDS: values.seeds,
};
const args = [
  "vitest",
  "run",
  "--reporter=verbose",
  "packages/node-fs/src/fault-test/soak.test.ts",
];
const vitest = spawn("npx", args, { env, stdio: "inherit" });
vitest.once("close", (code) => {
  process.exitCode = code ?? 1;
});
