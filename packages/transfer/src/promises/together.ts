import { kept } from "./kept.js";

/**
 * Runs tasks as one: the first that fails aborts the others, and it settles only when all have
 * settled, with the first failure. Nothing of theirs runs afterwards.
 */
export async function together(
  outer: AbortSignal,
  start: (signal: AbortSignal, spawn: (task: () => Promise<void>) => void) => void,
): Promise<void> {
  const link = linkedController(outer);
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const spawn = (task: () => Promise<void>): void => {
    const run = kept(
      task()
        .catch((error: unknown) => {
          failures.push(error);
          link.controller.abort(error);
        })
        .finally(() => running.delete(run)),
    );
    running.add(run);
  };
  try {
    // What it throws ends those that it has started by then.
    spawn(async () => start(link.controller.signal, spawn));
    while (running.size > 0) await Promise.all(running);
  } finally {
    link.unlink();
  }
  outer.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}

/** A controller that aborts with `outer`, for as long as it is linked. */
export function linkedController(outer: AbortSignal): {
  controller: AbortController;
  unlink: () => void;
} {
  const controller = new AbortController();
  const onAbort = (): void => {
    controller.abort(outer.reason);
  };
  if (outer.aborted) onAbort();
  else outer.addEventListener("abort", onAbort, { once: true });
  return { controller, unlink: () => outer.removeEventListener("abort", onAbort) };
}
