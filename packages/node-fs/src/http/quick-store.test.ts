import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { once } from "node:events";
import { expect, onTestFinished, test, vi } from "vitest";
import { makeCertificate } from "../testing/certificate.js";
import { bodyIn } from "../testing/body-in.js";
import { UndiciTransport } from "./transport.js";

/** A store on a thread of its own, which answers as soon as it has all bytes of a part. */
const quickStore = `
  const { parentPort, workerData } = require("node:worker_threads");
  const server = require("node:https").createServer(workerData, (request, answer) => {
    request.resume().on("end", () => answer.writeHead(200, { ETag: '"1"' }).end());
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

async function startQuickStore(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "img-quick-"));
  const { cert, key } = makeCertificate(folder);
  const worker = new Worker(quickStore, { eval: true, workerData: { cert, key } });
  onTestFinished(async () => {
    await worker.terminate();
    rmSync(folder, { recursive: true });
  });
  const [port] = (await once(worker, "message")) as [number];
  return `https://127.0.0.1:${port}/part`;
}

/** Holds the thread up, as a busy machine does. */
function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

test.each([1024, 100_000, 2 ** 20, 3 * 2 ** 20 + 5])(
  "a quick answer to a part of %i bytes is a receipt, also on a thread that was held up meanwhile",
  async (lengthBytes) => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    onTestFinished(() => void vi.unstubAllEnvs());
    const url = await startQuickStore();
    const transport = new UndiciTransport();
    onTestFinished(() => transport.close());
    const bytes = new Uint8Array(new SharedArrayBuffer(lengthBytes));
    const sentAll: boolean[] = [];
    for (let part = 0; part < 12; part++) {
      let movedBytes = 0;
      const answer = await transport.put({
        url,
        headers: {},
        ...bodyIn(bytes, 2 ** 20),
        signal: new AbortController().signal,
        onMoved: (moved) => {
          movedBytes += moved;
          if (movedBytes === lengthBytes) block(20);
        },
      });
      sentAll.push(answer.sentAll);
    }
    expect(sentAll).toEqual(sentAll.map(() => true));
  },
);
