import { mkdtempSync } from "node:fs";
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, test, vi } from "vitest";
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
import { fileDigest, WorkerDigest } from "./hashing/digest.js";
import { SourceFileDigest } from "./hashing/source-file-digest.js";
import { sourceDigest } from "./hashing/reading-digest.js";
import { UndiciTransport } from "./http/transport.js";
import { makeCertificate } from "./testing/certificate.js";
import { startConnectProxy } from "./testing/connect-proxy.js";
import { startHanging, type HangingServer } from "./testing/hanging-server.js";
import { ContractStore } from "./testing/contract-store.js";
import { sourceOf } from "./testing/source-of.js";
import { serve, ServedFile } from "./testing/web-server.js";
import { openUrlSource, type UrlSource } from "./web/url-source.js";
import { openFileSource, type FileSource } from "./files/file-source.js";
import { realFileSystem } from "@img/files";
import { lockPlace, sinkPlace } from "./testing/places.js";
import { LaneThreadPool } from "./threads/lane-thread-pool.js";

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

const unchanged = async (): Promise<void> => undefined;

for (const [where, open] of [
  ["in a thread", (path: string) => new WorkerDigest(path)],
  [
    "in a thread that reads parts",
    (path: string) => new SourceFileDigest({ path, look: unchanged }),
  ],
  ["in the calling thread", (path: string) => fileDigest(path, 0)],
] as const) {
  describe(`a digest ${where}`, () => {
    digestContract({
      test,
      cannot: {},
      open: async (bytes) => {
        const { folder, remove } = await freshFolder();
        const path = join(folder, "disk.img");
        await writeFile(path, bytes);
        const digest = open(path);
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
      const digest = sourceDigest(sourceOf(bytes));
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

const threads = new LaneThreadPool(1);
/** The store's way to it is TLS where there are keys, and the proxy that the variable names. */
interface TransportPlace {
  readonly open: () => PartTransport;
  readonly variable?: "http_proxy" | "https_proxy";
  readonly secure: boolean;
}
const here = () => new UndiciTransport();
const transports: [what: string, place: TransportPlace][] = [
  ["a connection of this thread", { open: here, secure: false }],
  ["a connection of this thread over TLS", { open: here, secure: true }],
  ["a connection of another thread", { open: () => threads.openTransport(), secure: false }],
  ["a tunnel through a proxy", { open: here, variable: "https_proxy", secure: true }],
  ["a proxy that forwards", { open: here, variable: "http_proxy", secure: false }],
];

const keys = mkdtempSync(join(tmpdir(), "img-contract-keys-"));
const tls = makeCertificate(keys);
afterAll(() => rm(keys, { recursive: true }));

/** A lane that stays, so that one thread serves the whole suite. */
const thread = threads.take();
thread.follow(0, { told: () => undefined, ended: () => undefined });
afterAll(() => thread.close());

describe.each(transports)("%s", (_, { open, variable, secure }) => {
  beforeAll(() => {
    vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  });
  afterAll(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  transportContract({
    test,
    cannot: {},
    open: async () => {
      const store = await ContractStore.start(secure ? tls : null);
      const proxy = variable === undefined ? null : await startConnectProxy();
      if (variable !== undefined) vi.stubEnv(variable, proxy?.url);
      const hanging: HangingServer[] = [];
      const transport = open();
      return {
        transport,
        allocate: (length) => new Uint8Array(new SharedArrayBuffer(length)),
        serve: async (answer) => store.serve(answer),
        received: async (url) => store.received(url),
        hang: async (at) => {
          hanging.push(await startHanging(at, secure ? tls : null));
          return hanging.at(-1)!;
        },
        close: async () => {
          await transport.close();
          await store.close();
          for (const server of hanging) await server.close();
          await proxy?.close();
        },
      };
    },
  });
});

describe("a URL as the source", () => {
  const isKept = "what was read before, or ahead, is of the former file, and `check` tells";
  sourceContract({
    test,
    cannot: Object.fromEntries(
      (["overwritten", "shortened", "grown", "replaced", "deleted"] as const).map((how) => [
        `one that was ${how} is SourceChangedError when read`,
        isKept,
      ]),
    ),
    open: async (bytes) => {
      const file = new ServedFile(bytes);
      const url = await serve(file.handler);
      const opened: UrlSource[] = [];
      const again = async () => {
        const source = await openUrlSource(url, { format: "raw" });
        opened.push(source);
        return source;
      };
      return {
        source: await again(),
        again,
        change: async (how) => {
          if (how === "deleted") file.before = (_, answer) => (answer.writeHead(404).end(), true);
          if (how === "shortened") file.bytes = bytes.subarray(1);
          if (how === "grown") file.bytes = Buffer.concat([bytes, bytes]);
          file.etag = '"other"';
        },
        close: async () => {
          for (const source of opened) await source.close();
        },
      };
    },
  });
});
