import { join } from "node:path";
import type { LinkShape } from "../link/link.js";
import { measure } from "../measure.js";
import type { BenchOptions } from "../options.js";
import { servedId } from "../sink/images-api.js";
import { imgCommand, insideSeconds, onStage } from "../stage.js";
import { printTable } from "../table.js";
import type { Outcome } from "./outcome.js";

const shapes: readonly LinkShape[] = [
  { mbit: 100, delayMs: 10 },
  { mbit: 100, delayMs: 200 },
  { mbit: 500, delayMs: 50 },
  { mbit: 1000, delayMs: 10 },
  { mbit: 1000, delayMs: 100 },
];
const secondsOfLink = 8;

interface Share extends LinkShape {
  readonly what: "upload" | "download";
  readonly seconds: number;
  /** The share of what the link can carry in the time from the first call to the last. */
  readonly share: number;
}

/** Measures how much of a link is used, including slow start, API calls and the end. */
export async function benchLink(options: BenchOptions): Promise<Outcome> {
  const given = options.mbit > 0;
  const shares: Share[] = [];
  for (const shape of given ? [options] : shapes) {
    shares.push(...(await sharesOf({ mbit: shape.mbit, delayMs: shape.delayMs }, options)));
  }
  printTable(shares);
  return { figures: { shares }, goals: [] };
}

function sharesOf(shape: LinkShape, options: BenchOptions): Promise<readonly Share[]> {
  const bytesPerSec = (shape.mbit * 1_000_000) / 8;
  const sizeBytes = options.sizeBytes ?? bytesPerSec * secondsOfLink;
  const there = { ...options, ...shape, sizeBytes };
  return onStage(there, 1, async ({ image, folder, env }) => {
    const up = imgCommand(["upload", image, "--name", "bench"], options);
    const down = imgCommand(["download", servedId, join(folder, "out"), "--overwrite"], options);
    const shares: Share[] = [];
    for (const [what, command] of [
      ["upload", up],
      ["download", down],
    ] as const) {
      const seconds = insideSeconds((await measure(command, env)).stdout);
      shares.push({ ...shape, what, seconds, share: sizeBytes / bytesPerSec / seconds });
    }
    return shares;
  });
}
