import { mkdtempSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { PutAnswer, PutRequest } from "@img/transfer";
import { makeCertificate } from "../testing/certificate.js";
import { startConnectProxy } from "../testing/connect-proxy.js";
import { startHanging } from "../testing/hanging-server.js";
import { MiB, seededBytes } from "../testing/seeded.js";
import { bodyIn } from "../testing/body-in.js";
import { UndiciTransport } from "./transport.js";

const folder = mkdtempSync(join(tmpdir(), "img-transport-"));
const tls = makeCertificate(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
});

test("a 200 that comes while the last slice is on its way is no word that all was sent", async () => {
  const store = await openStore((_, response) => void response.end()); // and reads nothing;
  const transport = new UndiciTransport();

  const answer = await put(transport, store, seededBytes("early", 24 * MiB));

  expect(answer).toMatchObject({ status: 200, sentAll: false });
  await transport.close();
});

// fault N13
test("bytes of a slice that leave slowly are told, also through a proxy and after a connection that was dropped", async () => {
  const store = await openStore((request, response) => {
    request.resume().on("end", () => response.end());
  });
  const proxy = await startConnectProxy({ carry: slowly });
  onTestFinished(() => proxy.close());
  const { url: stuck, arrived, speakLate, close } = await startHanging("the TLS handshake", null);
  onTestFinished(close);
  const transport = new UndiciTransport();
  const dropped = new AbortController();
  const before = put(transport, stuck, new Uint8Array(1), { signal: dropped.signal });
  await arrived;
  dropped.abort(new Error("dropped"));
  await expect(before).rejects.toThrow("dropped");
  vi.stubEnv("https_proxy", proxy.url);
  onTestFinished(() => void vi.stubEnv("https_proxy", undefined));

  const enough = new AbortController();
  let told = 0;
  const onMoved = (bytes: number): void => {
    if (bytes === 8 * 1024) return; // written with the head of the request
    expect(bytes).toBe(0); // within the first large slice
    speakLate();
    if (++told === 2) enough.abort(new Error("enough"));
  };
  const slow = put(transport, store, new Uint8Array(64 * MiB), { onMoved, signal: enough.signal });

  await expect(slow).rejects.toThrow("enough");
  await transport.close();
});

/** As a slow link. */
function slowly(client: Socket, upstream: Socket): void {
  upstream.pipe(client);
  client.on("data", (bytes: Buffer) => {
    upstream.write(bytes);
    client.pause();
    setTimeout(() => client.resume(), 20);
  });
}

// fault O17
test("an error's body that never ends is cut at 64 KiB, and its connection closed", async () => {
  let closed = 0;
  const store = await openStore((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(500).on("close", () => closed++);
      const more = (): void => {
        while (!response.destroyed && response.write(new Uint8Array(MiB).fill(120)));
      };
      response.on("drain", more);
      more();
    });
  });
  const transport = new UndiciTransport();

  const sent = await put(transport, store, new Uint8Array(1));
  const fetched = await transport.get({
    url: store,
    headers: {},
    onHead: () => false,
    into: () => new Uint8Array(MiB),
    onMoved: () => undefined,
    signal: new AbortController().signal,
  });

  expect(sent).toMatchObject({ status: 500, sentAll: true, text: "x".repeat(65_536) });
  expect(fetched).toMatchObject({ status: 500, text: "x".repeat(65_536) });
  await vi.waitUntil(() => closed === 2);
  await transport.close();
});

function put(
  transport: UndiciTransport,
  url: string,
  bytes: Uint8Array,
  given: Partial<PutRequest> = {},
): Promise<PutAnswer> {
  return transport.put({
    url,
    headers: {},
    ...bodyIn(bytes),
    onMoved: () => undefined,
    signal: new AbortController().signal,
    ...given,
  });
}

async function openStore(answer: RequestListener): Promise<string> {
  const server = createServer(tls, answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/part`;
}
