import { SfcCore } from "@img/core/core.js";
import { createSHA256 } from "hash-wasm";
import { uploadImage } from "../index.js";

/** What Node tells the page, in its address. */
export interface MeasureOrder {
  readonly server: string;
  readonly token: string;
  readonly mib: number;
}

/** What the page found. */
export interface Measured {
  /** Of hash-wasm's SHA-256 alone, over memory. */
  readonly hashMibPerSec: number;
  readonly uploadMibPerSec: number;
  readonly sentBytes: number;
  /** Of each task of the main thread that took longer than 50 ms, in ms. */
  readonly longTasksMs: readonly number[];
  readonly mostHeapBytes: number;
}

const MiB = 1024 * 1024;

async function measure({ server, token, mib }: MeasureOrder): Promise<Measured> {
  const image = await largeFile(mib);
  const hashMibPerSec = await hashRate(Math.min(mib, 256));
  const client = new SfcCore({ serverURL: server, bearerAuth: token });
  const watched = watch();
  const startMs = performance.now();
  const { sentBytes } = await uploadImage(image, { client, name: "large" });
  const uploadMibPerSec = mib / ((performance.now() - startMs) / 1000);
  return { hashMibPerSec, uploadMibPerSec, sentBytes, ...watched };
}

/**
 * A file of random bytes in the private file system, which no debugger has to choose. Its handle is used, as a drop
 * or a picker gives it in Chromium: without one every part is read once more.
 */
async function largeFile(mib: number): Promise<FileSystemFileHandle> {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle("large", { create: true });
  const writable = await handle.createWritable();
  const piece = new Uint8Array(MiB);
  for (let at = 0; at < MiB; at += 65_536) crypto.getRandomValues(piece.subarray(at, at + 65_536));
  for (let done = 0; done < mib; done++) await writable.write(piece);
  await writable.close();
  return handle;
}

async function hashRate(mib: number): Promise<number> {
  const large = new Uint8Array(8 * MiB);
  const hasher = await createSHA256();
  hasher.init();
  const startMs = performance.now();
  for (let done = 0; done < mib; done += 8) hasher.update(large);
  hasher.digest("hex");
  return mib / ((performance.now() - startMs) / 1000);
}

/** From now on looks at what the page's main thread does and holds. */
function watch(): Pick<Measured, "longTasksMs" | "mostHeapBytes"> {
  const watched = { longTasksMs: [] as number[], mostHeapBytes: 0 };
  new PerformanceObserver((list) => {
    watched.longTasksMs.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: "longtask" });
  const { memory } = performance as Performance & { memory?: { usedJSHeapSize: number } };
  setInterval(() => {
    watched.mostHeapBytes = Math.max(watched.mostHeapBytes, memory?.usedJSHeapSize ?? 0);
  }, 50);
  return watched;
}

const order = new URLSearchParams(location.search).get("order");
if (order !== null) {
  const said = await measure(JSON.parse(order) as MeasureOrder).catch(String);
  await fetch("/report", { method: "POST", body: JSON.stringify(said) });
}
