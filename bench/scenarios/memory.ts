import { join } from "node:path";
import type { Goal } from "../goals.js";
import { measure } from "../measure.js";
import type { BenchOptions } from "../options.js";
import { servedId } from "../sink/images-api.js";
import { imgCommand, onStage } from "../stage.js";
import { printTable } from "../table.js";
import type { Outcome } from "./outcome.js";

interface Peak {
  readonly what: "upload" | "download";
  /** The budget; null for the default, 256 MiB. */
  readonly memoryMiB: number | null;
  readonly peakMiB: number | null;
  readonly seconds: number;
}

/**
 * Measures the peak memory for an image much larger than any budget, with the default budget and with 32 MiB.
 */
export function benchMemory(options: BenchOptions): Promise<Outcome> {
  return onStage(options, 4, async ({ image, folder, env }) => {
    const peaks: Peak[] = [];
    const budgets = options.memoryMiB === null ? [null, 32] : [options.memoryMiB];
    for (const memoryMiB of budgets) {
      const up = ["upload", image, "--name", "bench"];
      const down = ["download", servedId, join(folder, "out"), "--overwrite"];
      for (const [what, args] of [
        ["upload", up],
        ["download", down],
      ] as const) {
        const { peakMiB, seconds } = await measure(
          imgCommand(args, { ...options, memoryMiB }),
          env,
        );
        peaks.push({ what, memoryMiB, peakMiB, seconds });
      }
    }
    printTable(peaks);
    return { figures: { peaks }, goals: peaks.flatMap(goalOf) };
  });
}

function goalOf({ what, memoryMiB, peakMiB }: Peak): readonly Goal[] {
  if (peakMiB === null) return [];
  const atMost = memoryMiB === null ? 256 : memoryMiB === 32 ? 160 : memoryMiB + 160;
  const budget = memoryMiB === null ? "default options" : `a budget of ${memoryMiB} MiB`;
  return [{ what: `${what}: peak memory, ${budget}`, unit: "MiB", reached: peakMiB, atMost }];
}
