import { setMaxListeners } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { HTTPClient } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import type { Clock, Digest, JournalStore, PartTransport, Platform, Source } from "@img/transfer";

/** A source whose bytes do not matter. */
export function instantSource(sizeBytes: number): Source {
  return {
    label: "nothing",
    sizeBytes,
    identity: { mtime: "1" },
    read: async () => undefined,
    check: async () => undefined,
  };
}

/** A platform that answers at once, except for the journals. */
export function instantPlatform(journals: JournalStore): Platform {
  return {
    journals,
    openTransport: () => transport,
    openDigest: () => digest,
    allocate: (bytes) => new Uint8Array(bytes),
    expectManyListeners: (signal) => setMaxListeners(0, signal),
    busyMs: () => [performance.eventLoopUtilization().active],
    mostPartBytes: Infinity,
    crc32: () => 1,
    clock,
  };
}

const transport: PartTransport = {
  put: async (request) => {
    for (let leftBytes = request.lengthBytes; leftBytes > 0;) {
      const next = request.next(leftBytes);
      const { length } = next instanceof Promise ? await next : next;
      leftBytes -= length;
      request.onMoved(length);
    }
    return { status: 200, headers: { etag: '"part"' }, sentAll: true, text: "" };
  },
  get: () => Promise.reject(new Error("bug: an upload gets nothing")),
  close: async () => undefined,
};

const digest: Digest = {
  update: async () => 1,
  updateFromFile: async () => 1,
  finish: async () => "0".repeat(64),
  close: async () => undefined,
};

const clock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  wait: (ms, signal) => wait(ms, undefined, { signal }),
};

export const server = "https://api.test";

/** A client of an Images API that answers at once; the client itself is the real one. */
export function instantClient(): SfcCore {
  const httpClient = new HTTPClient({ fetcher: (request) => answer(request as Request) });
  return new SfcCore({ serverURL: server, bearerAuth: "bench-token", httpClient });
}

async function answer(request: Request): Promise<Response> {
  const [, , , id = "", action = ""] = new URL(request.url).pathname.split("/");
  const nowSec = Math.floor(Date.now() / 1000);
  if (action === "parts") {
    const { part_id } = (await request.json()) as { part_id: number };
    return json(200, { url: `${server}/part/${part_id}?signature=x`, expires_at: nowSec + 3600 });
  }
  if (request.method === "GET" && id === "")
    return json(200, { object: "list", has_more: false, data: [] });
  return json(id === "" ? 201 : 200, {
    object: "image",
    id: "image_1",
    name: "bench",
    upload_status: action === "complete" ? "completed" : "started",
    created_at: nowSec,
    sha256: action === "complete" ? "0".repeat(64) : null,
  });
}

const json = (status: number, body: object): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", date: new Date().toUTCString() },
  });
