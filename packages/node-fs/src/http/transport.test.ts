import { mkdtempSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { PutAnswer } from "@img/transfer";
import { makeCertificate } from "../testing/certificate.js";
import { MiB, seededBytes } from "../testing/seeded.js";
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

function put(transport: UndiciTransport, url: string, bytes: Uint8Array): Promise<PutAnswer> {
  return transport.put({
    url,
    headers: {},
    bytes,
    sliceBytes: (leftBytes) => leftBytes,
    onMoved: () => undefined,
    signal: new AbortController().signal,
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
