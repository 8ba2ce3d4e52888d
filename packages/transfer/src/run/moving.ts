import { tellProgress, type Run } from "./run.js";
import type { Buffers } from "./buffers.js";
import { Lanes, type Lane, type MoveNext } from "./lanes.js";
import { linkedController, together } from "../promises/together.js";

/** Runs a task of the transfer beside the others; the first failure ends them all. */
export type Spawn = (task: () => Promise<void>) => void;

/** A digest that is fed the parts in order. */
export interface OrderedDigest {
  /** Bytes that it has taken in. */
  readonly fedBytes: number;
  /** Parts that wait for their turn in memory. */
  readonly waiting: number;
  /** Feeds the digest to the end. Resolves to the SHA-256. */
  run(signal: AbortSignal): Promise<string>;
}

const mostSpareBuffers = 2;
const lookEveryMs = 100;

/**
 * Runs the lanes, the digest and the tasks that `start` spawns until all have ended, and adjusts the number of
 * lanes meanwhile.
 *
 * @param first An open lane, which is closed at its end; null for none.
 * @returns The SHA-256 of the whole image.
 */
export async function moveAll(
  run: Run,
  buffers: Buffers,
  digest: OrderedDigest,
  first: Lane | null,
  start: (signal: AbortSignal, spawn: Spawn) => MoveNext,
): Promise<string> {
  run.pace.limit(buffers.mostLanes);
  fitToLanes(run, buffers, digest);
  run.shown.digestedBytes = () => digest.fedBytes;
  let sha256 = "";
  const ticking = linkedController(run.options.signal);
  try {
    await together(run.options.signal, (signal, spawn) => {
      run.platform.expectManyListeners(signal);
      const spawnCounted = counted(spawn, () => ticking.controller.abort(done));
      const moveNext = start(signal, spawnCounted);
      const lanes = new Lanes(run, spawnCounted, moveNext, first);
      spawnCounted(async () => {
        sha256 = await digest.run(signal);
      });
      spawn(() =>
        tick(run, ticking.controller.signal, () => {
          observe(run, buffers);
          fitToLanes(run, buffers, digest);
          lanes.adjust();
        }),
      );
    });
  } finally {
    ticking.unlink();
    buffers.close();
  }
  tellProgress(run);
  return sha256;
}

function fitToLanes({ pace, meter }: Run, buffers: Buffers, { waiting }: OrderedDigest): void {
  buffers.setLimit(buffersFor(pace.lanes, meter.lanes.size) + waiting);
}

/**
 * Fits the buffers to the lanes: one for each lane, and a few that are being read or hashed. Lanes that are to
 * end keep theirs until their part is through, and those that stay need as many as before. So do parts that
 * wait for the digest.
 *
 * @param running Lanes that run, those that are to end among them.
 */
export const buffersFor = (lanes: number, running: number): number =>
  Math.max(lanes, running) + Math.min(lanes, mostSpareBuffers);

/** Spawns tasks, and says when the last of them has ended. */
function counted(spawn: Spawn, ended: () => void): Spawn {
  let left = 0;
  return (task) => {
    left++;
    spawn(async () => {
      try {
        await task();
      } finally {
        if (--left === 0) ended();
      }
    });
  };
}

function observe({ meter, pace, platform, options }: Run, buffers: Buffers): void {
  meter.look(buffers.exhausted, options.bytesPerSecond() !== Infinity);
  const observed = {
    movedBytes: meter.movedBytes,
    running: meter.lanes.size,
    full: meter.full,
    limited: options.bytesPerSecond() !== Infinity,
    busyMs: () => platform.busyMs(),
  };
  pace.observe(observed, meter.atWork);
}

const done = new Error("done");

async function tick(run: Run, signal: AbortSignal, look: () => void): Promise<void> {
  while (!signal.aborted) {
    look();
    await run.clock.wait(lookEveryMs, signal).catch(() => undefined);
  }
}
