import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, describe, test } from "vitest";
import type { PartTransport } from "@img/transfer";
import {
  clockContract,
  digestContract,
  lockContract,
  sinkContract,
  sourceContract,
  transportContract,
  type SourceChange,
} from "@img/transfer/contracts";
import { systemClock } from "./clock.js";
import { WorkerDigest } from "./hashing/digest.js";
import { OwnThreadDigest } from "./hashing/own-thread-digest.js";
import { ReadingDigest } from "./hashing/reading-digest.js";
import { LazyTransport } from "./http/lazy-transport.js";
import { ContractStore } from "./testing/contract-store.js";
import { sourceOf } from "./testing/source-of.js";
import { openFileSource, type FileSource } from "./files/file-source.js";
import { realFileSystem } from "./files/file-system.js";
import { lockPlace, sinkPlace } from "./testing/places.js";
import { LaneThreads } from "./threads/lane-threads.js";

async function freshFolder() {
  const folder = await mkdtemp(join(tmpdir(), "img-contract-"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

describe("a file as the source", () => {
  sourceContract({
    test,
    cannot: {},
    open: async (bytes) => {
      const { folder, remove } = await freshFolder();
      const path = join(folder, "disk.img");
      await writeFile(path, bytes);
      const opened: FileSource[] = [];
      const again = async () => {
        const source = await openFileSource(path);
        opened.push(source);
        return source;
      };
      return {
        source: await again(),
        again,
        change: (how) => change(path, bytes, how),
        close: async () => {
          for (const source of opened) await source.close();
          await remove();
        },
      };
    },
  });
});

async function change(path: string, bytes: Uint8Array, how: SourceChange): Promise<void> {
  const other = bytes.map((byte) => byte ^ 1);
  switch (how) {
    case "overwritten":
      return writeFile(path, other);
    case "shortened":
      return truncate(path, bytes.length - 1);
    case "grown":
      return appendFile(path, "x");
    case "replaced":
      await writeFile(`${path}.new`, bytes);
      return rename(`${path}.new`, path);
    case "deleted":
      return rm(path);
  }
}

describe("a part file and its target on the disk", () => {
  sinkContract({
    test,
    cannot: {},
    open: async () => {
      const { folder, remove } = await freshFolder();
      return sinkPlace(realFileSystem, join(folder, "disk.img"), remove);
    },
  });
});

describe("a lock file on the disk", () => {
  lockContract({
    test,
    cannot: {},
    open: async () => {
      const { folder, remove } = await freshFolder();
      return lockPlace(realFileSystem, join(folder, "disk.lock"), remove);
    },
  });
});

for (const [where, of] of [
  ["a thread", WorkerDigest],
  ["the calling thread", OwnThreadDigest],
] as const) {
  describe(`a digest in ${where}`, () => {
    digestContract({
      test,
      cannot: {},
      open: async (bytes) => {
        const { folder, remove } = await freshFolder();
        const path = join(folder, "disk.img");
        await writeFile(path, bytes);
        const digest = new of(path);
        return {
          digest,
          allocate: (length) => new Uint8Array(new SharedArrayBuffer(length)),
          close: async () => {
            await digest.close();
            await remove();
          },
        };
      },
    });
  });
}

describe("a digest that reads through a source", () => {
  digestContract({
    test,
    cannot: {},
    open: async (bytes) => {
      const digest = new ReadingDigest(sourceOf(bytes));
      const allocate = (length: number) => new Uint8Array(new SharedArrayBuffer(length));
      return { digest, allocate, close: () => digest.close() };
    },
  });
});

describe("the machine's clock", () => {
  clockContract({
    test,
    cannot: {},
    open: () => ({ clock: systemClock, pass: (ms) => wait(ms) }),
  });
});

const threads = new LaneThreads(1);
const transports: [what: string, open: () => PartTransport][] = [
  ["a connection of this thread", () => new LazyTransport()],
  ["a connection of another thread", () => threads.openTransport()],
];

/** A lane that stays, so that one thread serves the whole suite. */
const thread = threads.take();
thread.follow(0, { told: () => undefined, ended: () => undefined });
afterAll(() => thread.close());

describe.each(transports)("%s", (_, openTransport) => {
  transportContract({
    test,
    cannot: {},
    open: async () => {
      const store = await ContractStore.start();
      const transport = openTransport();
      return {
        transport,
        allocate: (length) => new Uint8Array(new SharedArrayBuffer(length)),
        serve: async (answer) => store.serve(answer),
        received: async (url) => store.received(url),
        close: async () => {
          await transport.close();
          await store.close();
        },
      };
    },
  });
});
