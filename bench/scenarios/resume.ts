import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { median } from "../compare.js";
import type { BenchOptions } from "../options.js";
import { imgCommand, onStage, type Stage } from "../stage.js";
import { printTable } from "../table.js";
import type { Outcome } from "./outcome.js";

interface Resumed {
  /** The time from the start of the second process until a byte of a part arrived. */
  readonly firstByteMs: number;
  /** The bytes that the first process had sent when it was killed. */
  readonly sentBeforeBytes: number;
  /** The bytes that the second process sent. */
  readonly sentAfterBytes: number;
}

/** Kills an upload when half has been sent, and measures how long the next one takes until it sends. */
export function benchResume(options: BenchOptions): Promise<Outcome> {
  return onStage(options, 4, async (stage) => {
    const resumed: Resumed[] = [];
    for (let run = 0; run < options.runs; run++) resumed.push(await killAndResume(stage, options));
    printTable(resumed);
    const reached = Math.max(...resumed.map(({ firstByteMs }) => firstByteMs));
    const medianMs = median(resumed.map(({ firstByteMs }) => firstByteMs));
    const what = "resume of a half sent image: first new byte, the slowest of all runs";
    return {
      figures: { resumed, medianMs },
      goals: [{ what, unit: "ms", reached, atMost: 1000 }],
    };
  });
}

async function killAndResume(stage: Stage, options: BenchOptions): Promise<Resumed> {
  const { sink, sizeBytes } = stage;
  await sink.tally("reset");
  const first = startUpload(stage, options);
  while ((await sink.tally()).partBytes < sizeBytes / 2) await wait(5);
  first.process.kill("SIGKILL");
  await first.ended;
  // Bytes of the killed process may still be arriving.
  while ((await sink.tally()).openConnections > 0) await wait(5);
  const { partBytes: sentBeforeBytes } = await sink.tally("reset");
  const startedAtMs = Date.now();
  const second = startUpload(stage, options);
  const [code] = await second.ended;
  if (code !== 0) throw new Error(`the resumed upload ended with ${code}`);
  const { firstPartByteAtMs, partBytes: sentAfterBytes } = await sink.tally();
  if (firstPartByteAtMs === null) throw new Error("the resumed upload sent nothing");
  return { firstByteMs: firstPartByteAtMs - startedAtMs, sentBeforeBytes, sentAfterBytes };
}

function startUpload({ image, env }: Stage, options: BenchOptions) {
  const [node = "", ...args] = imgCommand(["upload", image, "--name", "bench"], options);
  const child = spawn(node, args, { env, stdio: "ignore" });
  return { process: child, ended: once(child, "exit") as Promise<[code: number | null]> };
}
