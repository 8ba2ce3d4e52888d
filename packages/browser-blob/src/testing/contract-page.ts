import { TransferLockedError, type JournalKey, type Sink } from "@img/transfer";
import type { ReceivedRequest, SourceChange } from "@img/transfer/contracts";
import { BlobSource } from "../blob-source.js";
import { startPageClock } from "../clock.js";
import { databaseName, done, openDatabase, transact } from "../indexed-db.js";
import { ImageWorker } from "../image-worker-client.js";
import { IndexedDbJournals } from "../journal-store.js";
import { openOpfsSink, type OpfsSink } from "../opfs-sink.js";
import { pageTransport } from "../page-transport.js";
import { takeTabLock } from "../tab-lock.js";
import { WorkerDigest } from "../worker-digest.js";
import { contractOf, type Openers, type Port } from "./contract-suites.js";
import type { Engine } from "./engines.js";
import { heard, textOf, told, type Told } from "./told.js";

/** What Node does for the page: it has the disk, the file dialog, and the store. */
async function node<Answer = void>(name: string, given: unknown = null): Promise<Answer> {
  const response = await fetch(`/call/${name}`, { method: "POST", body: JSON.stringify(given) });
  return (await response.json()) as Answer;
}

/** What nobody caught. */
export const uncaught: string[] = [];

/** Makes the page ready: with a file input, and an ear for what nobody catches. */
export function watch(): void {
  addEventListener("error", ({ message }) => uncaught.push(message));
  addEventListener("unhandledrejection", ({ reason }) => uncaught.push(String(reason)));
  const input = document.createElement("input");
  input.type = "file";
  document.body.append(input);
}

export async function runContract(
  port: Port,
  title: string,
  engine: Engine["name"],
): Promise<void> {
  const found = contractOf(port, openers, engine).find((one) => one.title === title);
  if (found === undefined) throw new Error(`no test of ${port} is called "${title}"`);
  await found.run();
}

/** What comes of it when the worker reads a file that was changed since it was chosen. */
export async function digestOfChanged(how: SourceChange): Promise<string> {
  await node("make", "an image ".repeat(30_000));
  const { blob, sizeBytes } = await chosenSource();
  await node("change", how);
  const digest = digestOf(blob);
  try {
    await digest.updateFromFile(0, sizeBytes);
    return "read";
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await digest.close();
  }
}

function digestOf(given: Blob): WorkerDigest {
  const worker = new ImageWorker({ given, state: null });
  const end = (): void => worker.end();
  return new WorkerDigest({ worker, saved: null, label: "an image", prefersFile: false, end });
}

async function chosenSource(): Promise<BlobSource> {
  await node("choose");
  const file = document.querySelector("input")?.files?.[0];
  if (file === undefined) throw new Error("no file was chosen");
  return new BlobSource(file);
}

/** What becomes of a row that an older version of this package left: its key had no workspace. */
export async function olderRow(): Promise<{ keys: readonly JournalKey[]; contents: string }> {
  await emptyDatabase();
  const key = { kind: "upload", server: "https://api.test", name: "debian" } as const;
  const id = JSON.stringify([key.kind, key.server, key.name, ""]);
  const db = await openDatabase();
  await transact(db, "readwrite", async ({ journals, pieces }) => {
    const about = { owner: "former", openedSec: 0, begun: true, handle: null };
    await done(journals.put({ id, key, ...about }));
    await done(pieces.put({ id, number: 0, bytes: new TextEncoder().encode("one") }));
  });
  db.close();
  const store = new IndexedDbJournals();
  const keys = (await store.list()).map((one) => one.key);
  const file = await store.open({ ...key, workspace: null }, { force: false });
  const contents = new TextDecoder().decode(await file.read());
  await file.close();
  return { keys, contents };
}

function emptyDatabase(): Promise<void> {
  const request = indexedDB.deleteDatabase(databaseName);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error ?? new Error("not deleted"));
  });
}

let places = 0;

const openers: Openers = {
  journals: async () => {
    await emptyDatabase();
    return new IndexedDbJournals();
  },
  lock: async () => {
    const name = `a lock ${++places}`;
    return {
      take: async ({ force }) => {
        const lock = await takeTabLock(name, force);
        if (lock === null) throw new TransferLockedError(null, false);
        return {
          check: async () => {
            if (lock.lost) throw new TransferLockedError(null, false);
          },
          release: () => lock.release(),
        };
      },
      close: async () => undefined,
    };
  },
  source: async (bytes) => {
    await node("make", textOf(bytes));
    return {
      source: await chosenSource(),
      again: chosenSource,
      change: (how) => node("change", how),
      close: async () => undefined,
    };
  },
  sink: () => sinkPlace(`place-${++places}`),
  digest: async (bytes) => {
    const digest = digestOf(new Blob([bytes.slice()]));
    return {
      digest,
      allocate: (length) => new Uint8Array(length),
      close: () => digest.close(),
    };
  },
  clock: () => ({
    clock: startPageClock(),
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  }),
  transport: async () => ({
    transport: pageTransport,
    allocate: (length) => new Uint8Array(length),
    serve: (answer) => node<string>("serve", told(answer)),
    received: async (url) =>
      (await node<readonly Told<ReceivedRequest>[]>("received", url)).map(heard),
    hang: () => Promise.reject(new Error("not here: see contract-suites.ts")),
    close: () => pageTransport.close(),
  }),
};

/** A place in the private file system. What the next one opens is closed before, as by its tab's end. */
async function sinkPlace(name: string): ReturnType<Openers["sink"]> {
  const root = await navigator.storage.getDirectory();
  const target = await root.getFileHandle(name, { create: true });
  let last: OpfsSink | null = null;
  return {
    open: async (): Promise<Sink> => {
      await last?.close();
      last = await openOpfsSink(target, name);
      return last;
    },
    target: async () => {
      // The user's choice makes an empty file.
      const file = await (await root.getFileHandle(name)).getFile();
      return file.size === 0 ? null : new Uint8Array(await file.arrayBuffer());
    },
    occupy: () => Promise.reject(new Error("bug: not tried here")),
    close: async () => {
      await last?.close();
      await root.removeEntry(name);
    },
  };
}
