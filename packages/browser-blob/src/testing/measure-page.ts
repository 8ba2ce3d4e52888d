import { createSHA256 } from "hash-wasm";

export * from "./transfer-page.js";

/** MiB/s of hash-wasm's SHA-256 alone, over memory. */
export async function hashRate(mib: number): Promise<number> {
  const bytes = crypto.getRandomValues(new Uint8Array(65_536));
  const large = new Uint8Array(8 * 1024 * 1024);
  for (let at = 0; at < large.length; at += bytes.length) large.set(bytes, at);
  const hasher = await createSHA256();
  hasher.init();
  const startMs = performance.now();
  for (let done = 0; done < mib; done += 8) hasher.update(large);
  hasher.digest("hex");
  return mib / ((performance.now() - startMs) / 1000);
}

interface Watched {
  /** Of each task of the main thread that took longer than 50 ms. */
  readonly longTasksMs: readonly number[];
  readonly mostHeapBytes: number;
}

let longTasksMs: number[] = [];
let mostHeapBytes = 0;

/** From now on looks at what the page's main thread does and holds. */
export function watch(): void {
  longTasksMs = [];
  new PerformanceObserver((list) => {
    longTasksMs.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: "longtask" });
  const { memory } = performance as Performance & { memory?: { usedJSHeapSize: number } };
  setInterval(() => {
    mostHeapBytes = Math.max(mostHeapBytes, memory?.usedJSHeapSize ?? 0);
  }, 50);
}

export const watched = (): Watched => ({ longTasksMs, mostHeapBytes });
