import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { PartTransport, Share } from "@img/transfer";
import { ownMachine, SharedMachine } from "../machine.js";
import { sharedMemory } from "../hashing/digest.js";
import { makeCertificate } from "../testing/certificate.js";

const folder = mkdtempSync(join(tmpdir(), "img-new-connection-"));
const tls = makeCertificate(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
});

/** A store on loopback, and the connections that it has had: whether each resumed a TLS session. */
async function openStore(): Promise<{ url: string; resumed: boolean[] }> {
  const resumed: boolean[] = [];
  const server = createServer(tls, (request, response) => {
    request.resume().on("end", () => response.setHeader("etag", '"1"').end());
  });
  server.on("secureConnection", (socket: TLSSocket) => resumed.push(socket.isSessionReused()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/part`, resumed };
}

async function put(transport: PartTransport, url: string, newConnection = false): Promise<void> {
  const bytes = sharedMemory(100_000);
  const { status } = await transport.put({
    url,
    headers: {},
    bytes,
    sliceBytes: (leftBytes) => leftBytes,
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
