import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startProxy } from "./tcp-proxy.js";
import type { Proxy } from "./tcp-proxy.js";

test("without a script everything passes unchanged, also a half-close", async () => {
  const { proxy } = await proxyToEcho();
  const client = await connectTo(proxy);
  client.end("hello");
  expect(await allOf(client)).toBe("hello");
});

test("a cut with RST lets through exactly the bytes before it", async () => {
  const { proxy, received } = await proxyToEcho();
  proxy.script(() => ({ up: { cut: { afterBytes: 3, by: "reset" } } }));
  const client = await connectTo(proxy);
  client.write("hello");
  await expect(allOf(client)).rejects.toThrow("ECONNRESET");
  await expect.poll(received).toBe("hel");
});

test("a cut with FIN ends the answer in an orderly way", async () => {
  const { proxy } = await proxyToEcho();
  proxy.script(() => ({ down: { cut: { afterBytes: 2, by: "fin" } } }));
  const client = await connectTo(proxy);
  client.write("hello");
  expect(await allOf(client)).toBe("he");
});

test("silence leaves the connection open", async () => {
  const { proxy } = await proxyToEcho();
  proxy.script(() => ({ down: { cut: { afterBytes: 2, by: "silence" } } }));
  const client = await connectTo(proxy);
  client.write("hello");
  await once(client, "data");
  expect(client.readableEnded).toBe(false);
  expect(proxy.connections.size).toBe(1);
});

test("a flipped bit is one bit, counted over the whole direction", async () => {
  const { proxy } = await proxyToEcho();
  proxy.script(() => ({ up: { flipBitAt: 1, segmentBytes: 1 } }));
  const client = await connectTo(proxy);
  client.end("aaa");
  expect(await allOf(client)).toBe("a`a");
});

test("latency delays, and a rate slows down", async () => {
  const { proxy } = await proxyToEcho();
  proxy.script(() => ({ up: { latencyMs: 60 }, down: { bytesPerSec: 100 } }));
  const client = await connectTo(proxy);
  const beganMs = performance.now();
  client.end("0123456789");
  expect(await allOf(client)).toBe("0123456789");
  expect(performance.now() - beganMs).toBeGreaterThan(60 + 80);
});

test("while it is down every connection is reset, and then it serves again", async () => {
  const { proxy } = await proxyToEcho();
  const before = await connectTo(proxy);
  proxy.goDown();
  await expect(allOf(before)).rejects.toThrow("ECONNRESET");
  const during = connect(proxy.port, "127.0.0.1");
  await expect(allOf(during)).rejects.toThrow("ECONNRESET");
  proxy.comeBack();
  const after = await connectTo(proxy);
  after.end("again");
  expect(await allOf(after)).toBe("again");
});

test("the script of an open connection can be changed", async () => {
  const { proxy } = await proxyToEcho();
  const client = await connectTo(proxy);
  client.write("hello");
  await once(client, "data");
  const [connection] = proxy.connections;
  connection!.treat({ up: { cut: { afterBytes: connection!.upBytes + 1, by: "reset" } } });
  client.write("!");
  await expect(allOf(client)).rejects.toThrow("ECONNRESET");
});

async function proxyToEcho(): Promise<{ proxy: Proxy; received: () => string }> {
  let received = "";
  const echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined).on("data", (chunk) => (received += String(chunk)));
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const proxy = await startProxy();
  proxy.forwardTo((echo.address() as AddressInfo).port);
  onTestFinished(async () => {
    await proxy.close();
    await new Promise((resolve) => echo.close(resolve));
  });
  return { proxy, received: () => received };
}

async function connectTo(proxy: Proxy): Promise<Socket> {
  const client = connect(proxy.port, "127.0.0.1");
  await once(client, "connect");
  while (proxy.connections.size === 0) await new Promise(setImmediate);
  return client;
}

async function allOf(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}
