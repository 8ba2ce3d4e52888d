import type { Clock } from "@img/transfer";

/** A clock that has to be stopped. */
export interface PageClock extends Clock {
  /** Ends its thread. */
  close(): void;
}

/**
 * The browser's time. In a background page timers fire once a second, later once a minute, so that idle rules would end
 * lanes that work; timers of a worker are not slowed down. Each wait runs in the page and in the worker, and the first
 * timer counts: if the worker cannot be loaded, the page's is enough.
 */
export function startPageClock(): PageClock {
  const worker = new Worker(new URL("./clock-worker.js", import.meta.url), { type: "module" });
  const due = new Map<number, () => void>();
  let last = 0;
  worker.onmessage = ({ data }: MessageEvent<number>) => due.get(data)?.();
  worker.onerror = (event) => event.preventDefault();
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const id = ++last;
        const end = (): void => {
          due.delete(id);
          clearTimeout(timer);
          signal.removeEventListener("abort", abort);
        };
        const abort = (): void => {
          end();
          worker.postMessage({ cancel: id });
          reject(signal.reason as Error);
        };
        const timer = setTimeout(() => due.get(id)?.(), ms);
        due.set(id, () => {
          end();
          resolve();
        });
        worker.postMessage({ id, ms });
        signal.addEventListener("abort", abort, { once: true });
      }),
    close: () => worker.terminate(),
  };
}
