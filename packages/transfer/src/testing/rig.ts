import { setMaxListeners } from "node:events";
import { crc32 } from "node:zlib";
import { SfcCore } from "@img/core/core.js";
import { HTTPClient, type SDKOptions } from "@img/core";
import { MemoryJournals } from "../contracts/memory-journals.js";
import { download, type DownloadResult, type DownloadTask } from "../download.js";
import { downloadedAlready } from "../download.js";
import { findImage } from "../service/find-image.js";
import type { DownloadOptions, UploadOptions } from "../options.js";
import { MiB } from "../plan.js";
import type {
  AnySource,
  Clock,
  Digest,
  JournalFile,
  JournalStore,
  KnownLinks,
  PartTransport,
  Platform,
  SavedDigest,
} from "../ports.js";
import { uploadStream, type UploadStreamOptions } from "../upload-stream.js";
import { upload, uploadSeekable, type UploadResult } from "../upload.js";
import { verify, type VerifyResult } from "../verify.js";
import { FakeService, server } from "./fake-service.js";
import { ManualClock } from "./manual-clock.js";
import {
  MemoryDigest,
  MemorySequence,
  MemorySink,
  MemorySource,
  streamOf,
} from "./memory-ports.js";

/** Sees each call of a port before it is made, and again when it has settled. */
export interface Spy {
  before(call: string): void;
  after(call: string): void;
}

type OpenDigest = (saved: SavedDigest | null) => Digest;

const noSpy: Spy = { before: () => undefined, after: () => undefined };

/** Everything that a recipe needs, in memory, with word of what it left open. */
export class Rig {
  readonly clock = new ManualClock();
  readonly service: FakeService = new FakeService(this.clock);
  readonly journals = new MemoryJournals();
  readonly source: MemorySource;
  /** The same bytes, which are read from their start. */
  readonly sequence: MemorySequence;
  readonly sink = new MemorySink();
  /** What was opened and not closed yet, and calls that are running. */
  readonly open = new Set<string>();
  /** What was allocated for parts. */
  allocatedBytes = 0;
  spy: Spy = noSpy;
  token: string | (() => Promise<string>) = "token-1";
  /** Of the client, beside where it is and its token. */
  target: Pick<SDKOptions, "apiVersion" | "workspace" | "serverURL"> = {};
  openDigest: OpenDigest;
  digestOfSink: OpenDigest | null = null;
  knownLinks: KnownLinks | null = null;
  #opened = 0;

  constructor(image: Uint8Array) {
    this.source = new MemorySource(image);
    this.sequence = new MemorySequence(image);
    this.openDigest = () => new MemoryDigest(() => this.source.bytes);
  }

  upload(options: UploadOptions = {}, name: string = "disk"): Promise<UploadResult> {
    return this.#upload(this.#source(), options, name);
  }

  /** As a page uploads. */
  uploadSeekable(options: UploadOptions): Promise<UploadResult> {
    const at = { client: this.#client(), server, platform: this.#platform };
    const task = { ...at, name: "disk", source: this.#source() };
    return this.clock.runUntil(uploadSeekable(task, { partBytes: 5 * MiB, ...options }));
  }

  uploadSequence(options: UploadOptions = {}, name: string = "disk"): Promise<UploadResult> {
    const { sequence } = this;
    const open = async (signal: AbortSignal) =>
      this.#opening("reading", await sequence.open(signal));
    const watched = new Proxy(sequence, {
      get: (target, key) => (key === "open" ? open : boundMember(target, key)),
    });
    return this.#upload(watched, options, name);
  }

  #upload(source: AnySource, options: UploadOptions, name: string): Promise<UploadResult> {
    const { serverURL = server } = this.target;
    const at = { client: this.#client(), server: serverURL };
    const task = { ...at, name, source, platform: this.#platform };
    return this.clock.runUntil(upload(task, { partBytes: 5 * MiB, ...options }));
  }

  /** The source's bytes, as a stream of unknown length. */
  uploadStream(options: UploadStreamOptions = {}, name: string = "disk"): Promise<UploadResult> {
    const stream = this.#watched("stream", streamOf(this.source.bytes));
    const task = { client: this.#client(), server, name, stream, platform: this.#platform };
    return this.clock.runUntil(uploadStream(task, { partBytes: 5 * MiB, ...options }));
  }

  download(idOrName: string, options: DownloadOptions = {}): Promise<DownloadResult> {
    return this.clock.runUntil(this.#download(idOrName, { partBytes: 5 * MiB, ...options }));
  }

  /** Compares the source with a stored image. */
  verify(idOrName: string): Promise<VerifyResult> {
    return this.clock.runUntil(
      this.#found(idOrName, (task) => verify({ ...task, source: this.#source() }, {})),
    );
  }

  /** Looks whether the source is an image already. */
  downloadedAlready(idOrName: string): Promise<DownloadResult | null> {
    return this.clock.runUntil(
      this.#found(idOrName, (task) => downloadedAlready({ ...task, file: this.#source() }, {})),
    );
  }

  async #found<T>(
    idOrName: string,
    work: (task: Omit<DownloadTask, "sink">) => Promise<T>,
  ): Promise<T> {
    const task = { client: this.#client(), server, platform: this.#platform };
    return work({ ...task, image: await findImage(task, idOrName, {}) });
  }

  #source(): MemorySource {
    return this.#watched("source", this.source);
  }

  async #download(idOrName: string, options: DownloadOptions): Promise<DownloadResult> {
    this.openDigest = this.digestOfSink ?? (() => new MemoryDigest(() => this.sink.part));
    const at = { client: this.#client(), server, platform: this.#platform };
    const image = await findImage(at, idOrName, options);
    return download({ ...at, image, sink: this.#watched("sink", this.sink) }, options);
  }

  #client(): SfcCore {
    const fetcher = this.#watched("api", { fetch: this.service.fetch }).fetch;
    const httpClient = new HTTPClient({ fetcher });
    return new SfcCore({
      serverURL: server,
      ...this.target,
      bearerAuth: this.token,
      httpClient,
    });
  }

  get #platform(): Platform {
    return {
      journals: this.#watched<JournalStore>("journals", {
        open: async (key, options) => {
          const file = await this.journals.open(key, options);
          return this.#opening<JournalFile>("journal", file);
        },
        list: () => this.journals.list(),
      }),
      openTransport: () =>
        this.#opening<PartTransport>("transport", {
          put: (request) => this.service.put(request),
          get: (request) => this.service.get(request),
          close: () => Promise.resolve(),
        }),
      openDigest: (saved) => this.#opening("digest", this.openDigest(saved)),
      allocate: (bytes) => {
        this.allocatedBytes += bytes;
        return new Uint8Array(bytes);
      },
      expectManyListeners: (signal) => setMaxListeners(0, signal),
      busyMs: () => [],
      mostPartBytes: Infinity,
      crc32: (bytes, seed) => crc32(bytes, seed),
      clock: this.#watched<Clock>("clock", this.clock),
      ...(this.knownLinks !== null && { knownLinks: this.knownLinks }),
    };
  }

  /** A port that is opened and has to be closed. */
  #opening<Port extends { close(): Promise<void> }>(name: string, port: Port): Port {
    const what = `${name} ${++this.#opened}`;
    this.open.add(what);
    const close = async (): Promise<void> => {
      await port.close();
      this.open.delete(what);
    };
    const closing = new Proxy(port, {
      get: (target, key) => (key === "close" ? close : boundMember(target, key)),
    });
    return this.#watched(what, closing);
  }

  /** A port whose asynchronous calls are seen by the spy, and are counted as open while they run. */
  #watched<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, key) => {
        const member = boundMember(target, key);
        if (typeof member !== "function" || synchronous.has(String(key))) return member;
        return (...given: unknown[]) =>
          this.#spied(`${name}.${String(key)}`, () => member(...given));
      },
    });
  }

  async #spied(call: string, make: () => unknown): Promise<unknown> {
    const what = `${call} ${++this.#opened}`;
    this.spy.before(call);
    this.open.add(what);
    try {
      return await make();
    } finally {
      this.open.delete(what);
      this.spy.after(call);
    }
  }
}

const synchronous = new Set(["wallMs", "monotonicMs"]);

type Member = (...given: unknown[]) => unknown;

function boundMember(target: object, key: string | symbol): Member {
  const member: unknown = Reflect.get(target, key, target);
  return (typeof member === "function" ? member.bind(target) : member) as Member;
}
