import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { PartTransport, Share } from "@img/transfer";
import { ownMachine, SharedMachine } from "../machine.js";
import { sharedMemory } from "../hashing/digest.js";
import { bodyIn } from "../testing/body-in.js";
import { makeCertificate } from "../testing/certificate.js";

const folder = mkdtempSync(join(tmpdir(), "img-new-connection-"));
const tls = makeCertificate(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
});

interface Store {
  readonly url: string;
  /** The connections that it has had: whether each resumed a TLS session. */
  readonly resumed: boolean[];
  /** How many are open. */
  readonly open: () => number;
  readonly closeAll: () => Promise<void>;
  readonly closeServer: () => Promise<void>;
}

/** A store on loopback. */
async function openStore(): Promise<Store> {
  const sockets = new Set<Duplex>();
  const resumed: boolean[] = [];
  const server = createServer(tls, (request, response) => {
    request.resume().on("end", () => response.setHeader("etag", '"1"').end());
  });
  server.on("secureConnection", (socket: TLSSocket) => resumed.push(socket.isSessionReused()));
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/part`,
    resumed,
    open: () => sockets.size,
    closeAll: async () => {
      for (const socket of sockets) socket.destroy();
      await vi.waitUntil(() => sockets.size === 0);
      for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve)); // until this side has heard of it
    },
    closeServer: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function put(transport: PartTransport, url: string, newConnection = false): Promise<void> {
  const bytes = sharedMemory(100_000);
  const { status } = await transport.put({
    url,
    headers: {},
    ...bodyIn(bytes),
    onMoved: () => undefined,
    newConnection,
    signal: new AbortController().signal,
  });
  expect(status).toBe(200);
}

const machines = {
  "this thread": () => ownMachine(1),
  "a thread of its own": () => ownMachine(2),
  "connections that several transfers share": () => {
    const machine = new SharedMachine(1);
    onTestFinished(() => machine.close());
    return machine.for({} as Share);
  },
};

test.each(Object.entries(machines))(
  "%s: a part goes over a new connection where that is asked for",
  async (_, open) => {
    const { url, resumed } = await openStore();
    const transport = open().openTransport();

    await put(transport, url);
    await put(transport, url);
    expect(resumed).toHaveLength(1);
    await put(transport, url, true);
    await put(transport, url);
    expect(resumed).toHaveLength(2);

    await transport.close();
  },
);

test.each(["this thread", "a thread of its own"] as const)(
  "%s: a connection that was opened ahead carries the first part",
  async (where) => {
    const { url, resumed } = await openStore();
    const transport = machines[where]().openTransport();

    transport.connect?.(new URL(url).origin);
    await vi.waitUntil(() => resumed.length === 1, 20_000);
    transport.connect?.(new URL(url).origin);
    await put(transport, url);
    await put(transport, url);

    expect(resumed).toHaveLength(1);
    await transport.close();
  },
);

test("a connection that was opened ahead, and that the server has closed, is replaced", async () => {
  const { url, resumed, closeAll } = await openStore();
  const transport = ownMachine(1).openTransport();

  transport.connect?.(new URL(url).origin);
  await vi.waitUntil(() => resumed.length === 1, 20_000);
  await closeAll();
  await put(transport, url);

  expect(resumed).toHaveLength(2);
  await transport.close();
});

test("a part tells what failed when its connection was opened ahead", async () => {
  const { url, closeServer } = await openStore();
  await closeServer();
  const transport = ownMachine(1).openTransport();

  transport.connect?.(new URL(url).origin);
  await expect(put(transport, url)).rejects.toThrow(/ECONNREFUSED/);

  await transport.close();
});

test("a transport that is closed while it connects leaves no connection", async () => {
  const { url, open } = await openStore();
  const transport = ownMachine(1).openTransport();

  transport.connect?.(new URL(url).origin);
  await transport.close();
  transport.connect?.(new URL(url).origin);

  await vi.waitUntil(() => open() === 0);
});

test("a lane's first connection resumes the TLS session of another lane", async () => {
  const { url, resumed } = await openStore();
  const machine = ownMachine(1);
  const lanes = [machine.openTransport(), machine.openTransport()];

  for (const lane of lanes) await put(lane, url);

  expect(resumed).toEqual([false, true]);
  for (const lane of lanes) await lane.close();
});

test("no session is resumed with another server", async () => {
  const [first, second] = [await openStore(), await openStore()];
  const transport = ownMachine(1).openTransport();

  await put(transport, first.url);
  await put(transport, second.url);

  expect([first.resumed, second.resumed]).toEqual([[false], [false]]);
  await transport.close();
});
