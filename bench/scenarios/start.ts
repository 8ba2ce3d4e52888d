import { median } from "../compare.js";
import { measure } from "../measure.js";
import type { BenchOptions } from "../options.js";
import { imgCommand, onStage } from "../stage.js";
import { printTable } from "../table.js";
import type { Outcome } from "./outcome.js";

const timesAsOften = 4;

/**
 * Measures the time from the start of `img upload` until its first request has arrived, including the TLS
 * handshake.
 */
export function benchStart(options: BenchOptions): Promise<Outcome> {
  return onStage({ ...options, sizeBytes: 1024 * 1024 }, 1, async ({ image, sink, env }) => {
    const command = imgCommand(["upload", image, "--name", "bench"], options);
    const firstRequestMs: number[] = [];
    const bareNodeMs: number[] = [];
    for (let run = 0; run <= options.runs * timesAsOften; run++) {
      await sink.tally("reset");
      const startedAtMs = Date.now();
      await measure(command, env);
      const { firstRequestAtMs } = await sink.tally();
      if (firstRequestAtMs === null) throw new Error("no request came in");
      const bare = await measure([process.execPath, "--eval", "0"], env);
      if (run === 0) continue; // warms up
      firstRequestMs.push(firstRequestAtMs - startedAtMs);
      bareNodeMs.push(bare.seconds * 1000);
    }
    const figures = { firstRequestMs: median(firstRequestMs), bareNodeMs: median(bareNodeMs) };
    printTable([figures]);
    const what = "from the command's start to its first request";
    return { figures, goals: [{ what, unit: "ms", reached: figures.firstRequestMs, atMost: 150 }] };
  });
}
