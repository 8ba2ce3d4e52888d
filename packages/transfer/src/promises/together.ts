import { kept } from "./kept.js";

/**
 * Runs tasks together: the first failure aborts the others. Settles when all have settled, with the first
 * failure, so that nothing runs afterwards.
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
    // If `start` throws, the tasks that it has started are ended.
    spawn(async () => start(link.controller.signal, spawn));
    while (running.size > 0) await Promise.all(running);
  } finally {
    link.unlink();
  }
  outer.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}

/** Returns a controller that aborts when `outer` aborts, until it is unlinked. */
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
