import dns from "node:dns";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { makeCertificate } from "../testing/certificate.js";
import { startConnectProxy, type ProxyHabits } from "../testing/connect-proxy.js";
import { startFullBacklog } from "../testing/full-backlog.js";
import { startHanging } from "../testing/hanging-server.js";
import { Dial } from "./dial.js";
import { LentReads } from "./lent-reads.js";
import type { Proxy } from "./proxies.js";

const folder = mkdtempSync(join(tmpdir(), "img-dial-"));
const tls = makeCertificate(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
});

const dialTo = (origin: string, tunnel: Proxy | null = null): Dial =>
  new Dial({ origin, tunnel }, new LentReads());

// fault N12
test("closed while a name is looked up: it rejects, and the late answer does nothing", async () => {
  const { port, sockets } = await listen(createServer());
  const lookups: ((error: null, all: unknown) => void)[] = [];
  const lookup = vi.spyOn(dns, "lookup").mockImplementation(((
    _: string,
    __: unknown,
    callback: never,
  ) => {
    lookups.push(callback);
  }) as unknown as typeof dns.lookup);
  onTestFinished(() => lookup.mockRestore());
  const dial = dialTo(`http://store.test:${port}`);
  const opening = dial.open();
  await expect.poll(() => lookups.length).toBe(1);

  await dial.close();

  await expect(opening).rejects.toThrow();
  lookups[0]!(null, [{ address: "127.0.0.1", family: 4 }]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sockets).toHaveLength(0);
});

// fault N12
test("closed while TCP connects", async () => {
  const { origin, close } = await startFullBacklog();
  onTestFinished(close);
  await expectClosed(dialTo(origin), () => Promise.resolve());
});

// fault N12
test("closed in the TLS handshake", async () => {
  const { url, arrived, closed, close } = await startHanging("the TLS handshake", null);
  onTestFinished(close);
  await expectClosed(dialTo(new URL(url).origin), () => arrived);
  await closed();
});

// fault N12
test("closed while a proxy is asked", async () => {
  const { proxy, asked } = await proxyWith({ silent: true });
  await expectClosed(dialTo("https://127.0.0.1:9", proxy), asked);
});

// fault N12
test("closed in the TLS handshake through a proxy", async () => {
  const { url, arrived, closed, close } = await startHanging("the TLS handshake", null);
  onTestFinished(close);
  const { proxy } = await proxyWith({});
  await expectClosed(dialTo(new URL(url).origin, proxy), () => arrived);
  await closed();
});

// fault N12
test("closed once it is open, directly and through a proxy", async () => {
  const { port, sockets } = await listen(createTlsServer(tls));
  const { proxy } = await proxyWith({});
  for (const tunnel of [null, proxy]) {
    const dial = dialTo(`https://127.0.0.1:${port}`, tunnel);
    const socket = await dial.open();
    await dial.close();
    expect(socket.closed).toBe(true);
  }
  await expect.poll(() => sockets.every(({ closed }) => closed)).toBe(true);
});

test("through a proxy that speaks TLS itself", async () => {
  const { port } = await listen(createTlsServer(tls, (socket) => socket.end("hello")));
  const plain = await proxyWith({});
  const front = await listen(
    createTlsServer(tls, (client) => {
      const { hostname, port: to } = new URL(plain.proxy.origin);
      const way = connect(Number(to), hostname);
      client.pipe(way).pipe(client);
      client.on("error", () => way.destroy());
      way.on("error", () => client.destroy());
    }),
  );
  const proxy = { origin: `https://127.0.0.1:${front.port}`, authorization: null };
  const dial = dialTo(`https://127.0.0.1:${port}`, proxy);
  const socket = await dial.open();
  expect(
    String(await new Promise((resolve) => socket.on("readable", () => resolve(socket.read())))),
  ).toBe("hello");
  await dial.close();
});

test.each([403, 407, 502])("a proxy that answers %i is told as such", async (connectStatus) => {
  const { proxy } = await proxyWith({ connectStatus });
  const dial = dialTo("https://127.0.0.1:9", proxy);
  await expect(dial.open()).rejects.toMatchObject({ code: `the proxy answered ${connectStatus}` });
  await dial.close();
});

/** Closes it at a moment of its life; nothing of it is left then. */
async function expectClosed(dial: Dial, moment: () => Promise<void>): Promise<void> {
  const before = openSockets();
  const opening = dial.open();
  const rejected = expect(opening).rejects.toThrow();
  await moment();
  await dial.close();
  await rejected;
  await expect.poll(openSockets).toBeLessThanOrEqual(before);
}

/** Of this process: clients, servers, and those that are connecting. */
const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((what) => /^(TCP|Pipe.*Connect|GetAddrInfo)/.test(what))
    .length;

async function proxyWith(
  habits: ProxyHabits,
): Promise<{ proxy: Proxy; asked: () => Promise<void> }> {
  const connectProxy = await startConnectProxy(habits);
  onTestFinished(() => connectProxy.close());
  return {
    proxy: { origin: connectProxy.url, authorization: null },
    asked: () => expect.poll(() => connectProxy.targets.length).toBe(1),
  };
}

async function listen(server: Server): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  server.on("connection", (socket: Socket) => {
    sockets.push(socket.on("error", () => socket.destroy()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}
