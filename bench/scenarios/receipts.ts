import { join } from "node:path";
import type { Goal } from "../goals.js";
import { root } from "../machine.js";
import { measure } from "../measure.js";
import type { BenchOptions } from "../options.js";
import type { ReceiptsCost } from "../receipts/receipts-process.js";
import { onStage } from "../stage.js";
import { printTable } from "../table.js";
import type { Outcome } from "./outcome.js";

/** Measures whether receipts slow down an upload of 8 lanes if a sync takes 5 ms. */
export function benchReceipts(options: BenchOptions): Promise<Outcome> {
  return onStage(options, 1, async ({ folder, image, env }) => {
    const program = join(root, "bench/dist/receipts/receipts-process.js");
    const { runs, lanes } = options;
    const args = [join(folder, "journals"), image, String(runs), String(lanes ?? 8)];
    const { stdout } = await measure([process.execPath, program, ...args], env);
    const costs = JSON.parse(stdout) as readonly ReceiptsCost[];
    printTable(costs);
    return { figures: { costs }, goals: costs.map(goalOf) };
  });
}

const goalOf = ({ parts, withSlowSync }: ReceiptsCost): Goal => ({
  what: `parts ${parts}: an upload whose disk takes 5 ms for a sync, beside one of no time`,
  unit: "times",
  reached: withSlowSync,
  atMost: 1.05,
});
