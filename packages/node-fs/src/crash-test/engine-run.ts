import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { HTTPClient } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import type { Digest, JournalStore, Platform } from "@img/transfer";
import { FakeService, server } from "../../../transfer/src/testing/fake-service.js";
import { ManualClock } from "../../../transfer/src/testing/manual-clock.js";
import type { World } from "../../../files/src/crash-test/scenario.js";

/** A service that has what another one has, and goes its own way from there. */
export function copyOfService(service: FakeService): FakeService {
  const copy = new FakeService(new ManualClock());
  for (const [id, image] of service.images) {
    copy.images.set(id, { ...image, wire: { ...image.wire }, parts: new Map(image.parts) });
  }
  return copy;
}

/** What it has, in a form that can be compared. Parts of one number have the same bytes here. */
export function serviceToText(service: FakeService): string {
  const images = [...service.images.values()];
  return JSON.stringify(images.map(({ wire, parts }) => [wire, [...parts.keys()]]));
}

/** One process that runs the engine, against a service that outlives it. */
export class EngineRun {
  readonly client: SfcCore;
  readonly #clock = new ManualClock();
  readonly #service: FakeService;
  readonly #died: Promise<void>;
  #isDead = false;

  constructor(service: FakeService, { died }: World) {
    this.#service = service;
    this.#died = died.then(() => void (this.#isDead = true));
    const fetcher = (...given: Parameters<FakeService["fetch"]>) =>
      this.#ifAlive(() => service.fetch(...given));
    const httpClient = new HTTPClient({ fetcher });
    this.client = new SfcCore({ serverURL: server, bearerAuth: service.token, httpClient });
  }

  /** @param read Fills its argument from the file that is transferred. */
  platform(
    journals: JournalStore,
    read: (into: Uint8Array, offset: number) => Promise<unknown>,
  ): Platform {
    const service = this.#service;
    return {
      journals,
      openTransport: () => ({
        put: (request) => this.#ifAlive(() => service.put(request)),
        get: (request) => this.#ifAlive(() => service.get(request)),
        close: () => Promise.resolve(),
      }),
      openDigest: () => digestOf(read),
      allocate: (bytes) => new Uint8Array(bytes),
      expectManyListeners: () => undefined,
      busyMs: () => [],
      mostPartBytes: Infinity,
      crc32: (bytes, seed) => crc32(bytes, seed),
      clock: this.#clock,
    };
  }

  /** Lets time pass until the work is done, or the process dead. */
  async until(work: Promise<unknown>): Promise<void> {
    await this.#clock.runUntil(Promise.race([work, this.#died]));
  }

  #ifAlive<Result>(call: () => Promise<Result>): Promise<Result> {
    return this.#isDead ? new Promise(() => undefined) : call();
  }
}

function digestOf(read: (into: Uint8Array, offset: number) => Promise<unknown>): Digest {
  const hash = createHash("sha256");
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  const take = (bytes: Uint8Array): number => {
    hash.update(bytes);
    return crc32(bytes);
  };
  return {
    update: (bytes) => inTurn(() => take(bytes)),
    updateFromFile: (offset, lengthBytes) =>
      inTurn(async () => {
        const bytes = new Uint8Array(lengthBytes);
        await read(bytes, offset);
        return take(bytes);
      }),
    finish: () => inTurn(() => hash.digest("hex")),
    close: () => Promise.resolve(),
  };
}
