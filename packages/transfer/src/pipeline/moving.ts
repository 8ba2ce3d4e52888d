import { tellProgress, type Run } from "../run.js";
import type { Buffers } from "./buffers.js";
import { Lanes, type MoveNext } from "./lanes.js";
import { linkedController, together } from "./together.js";

/** Runs a task of the transfer beside the others; the first failure ends them all. */
export type Spawn = (task: () => Promise<void>) => void;

/** Takes the parts in order, by whatever way they come to it. */
export interface OrderedDigest {
  /** Bytes that it has taken in. */
  readonly fedBytes: number;
  /** Resolves to the SHA-256 of them all once the last one is in. */
  run(signal: AbortSignal): Promise<string>;
}

const mostSpareBuffers = 2;
const lookEveryMs = 100;

/**
 * Runs lanes, the digest and whatever `start` spawns until all are through, and meanwhile thinks the
 * number of lanes over.
 *
 * @returns The SHA-256 of the whole image.
 */
export async function moveAll(
  run: Run,
  buffers: Buffers,
  digest: OrderedDigest,
  start: (signal: AbortSignal, spawn: Spawn) => MoveNext,
): Promise<string> {
  // One buffer a lane is what it works on; the others are ready for when it is done, or being hashed.
  const fitLanes = (): void =>
    buffers.setLimit(run.pace.lanes + Math.min(run.pace.lanes, mostSpareBuffers));
  run.pace.limit(buffers.mostBuffers);
  fitLanes();
  run.shown.digestedBytes = () => digest.fedBytes;
  let sha256 = "";
  const ticking = linkedController(run.options.signal);
  try {
    await together(run.options.signal, (signal, spawn) => {
      run.platform.expectManyListeners(signal);
      let left = 0;
      const spawnCounted: Spawn = (task) => {
        left++;
        spawn(async () => {
          try {
            await task();
          } finally {
            if (--left === 0) ticking.controller.abort(done);
          }
        });
      };
      const moveNext = start(signal, spawnCounted);
      const lanes = new Lanes(run, spawnCounted, moveNext);
      spawnCounted(async () => {
        sha256 = await digest.run(signal);
      });
      spawn(() =>
        tick(run, ticking.controller.signal, () => {
          run.meter.look(buffers.exhausted, run.options.bytesPerSecond() !== Infinity);
          run.pace.observe({
            movedBytes: run.meter.movedBytes,
            running: run.meter.lanes.size,
            full: run.meter.full,
            busyMs: () => run.platform.busyMs(),
          });
          fitLanes();
          lanes.adjust();
        }),
      );
    });
  } finally {
    ticking.unlink();
  }
  tellProgress(run);
  return sha256;
}

const done = new Error("done");

async function tick(run: Run, signal: AbortSignal, look: () => void): Promise<void> {
  while (!signal.aborted) {
    look();
    await run.clock.wait(lookEveryMs, signal).catch(() => undefined);
  }
}
