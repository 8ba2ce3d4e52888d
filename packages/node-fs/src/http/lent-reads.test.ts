import { mkdtempSync, rmSync } from "node:fs";
import {
  createServer as createPlainServer,
  connect as connectPlain,
  type Server,
  type Socket,
} from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { LentReads } from "./lent-reads.js";
import { makeCertificate } from "../testing/certificate.js";
import { seededBytes, sha256Of } from "../testing/seeded.js";

const folder = mkdtempSync(join(tmpdir(), "img-keys-"));
const tls = makeCertificate(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sent = seededBytes("lent reads", 3_000_000);

for (const over of ["TLS", "plain TCP", "TLS over another socket"] as const) {
  test(`over ${over}, a reader that copies later gets every byte`, async () => {
    const socket = await openSocket(over);
    expect(sha256Of(await readAll(socket, () => "take"))).toBe(sha256Of(sent));
  });

  test(`over ${over}, a reader that gives back the rest and continues later gets every byte`, async () => {
    const socket = await openSocket(over);
    expect(sha256Of(await readAll(socket, (n) => (n % 3 === 1 ? "give back" : "take")))).toBe(
      sha256Of(sent),
    );
  });

  test(`over ${over}, what a reader leaves unread is kept until it comes back`, async () => {
    const socket = await openSocket(over);
    expect(sha256Of(await readAll(socket, (n) => (n % 4 === 2 ? "leave" : "take")))).toBe(
      sha256Of(sent),
    );
  });
}

type Act = "take" | "give back" | "leave";

/** Reads as a paused parser does: what it gave back or left is asked for on a later turn. */
async function readAll(socket: Socket, act: (turn: number) => Act): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let turn = 0;
  return new Promise((resolve, reject) => {
    const later = (): void => void setImmediate(read);
    function read(): void {
      const doing = act(turn++);
      if (doing === "leave") {
        later();
        return;
      }
      for (;;) {
        const chunk = socket.read() as Buffer | null;
        if (chunk === null) return;
        const taken = doing === "give back" ? chunk.length >> 1 : chunk.length;
        pieces.push(Buffer.from(chunk.subarray(0, taken)));
        if (taken === chunk.length) continue;
        socket.unshift(chunk.subarray(taken));
        later();
        return;
      }
    }
    socket.on("readable", read);
    socket.on("end", () => resolve(Buffer.concat(pieces)));
    socket.on("error", reject);
  });
}

async function openSocket(over: "TLS" | "plain TCP" | "TLS over another socket"): Promise<Socket> {
  const send = (socket: Socket): void => void socket.end(sent);
  const server: Server =
    over === "plain TCP"
      ? createPlainServer(send)
      : createTlsServer({ key: tls.key, cert: tls.cert }, send);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const reads = new LentReads();
  const to = { host: "127.0.0.1", port, onread: reads.onread, ca: tls.cert };
  const socket =
    over === "TLS"
      ? connectTls(to)
      : over === "plain TCP"
        ? connectPlain(to)
        : connectTls({ socket: connectPlain(to.port, to.host), ca: tls.cert });
  reads.serve(socket, over !== "TLS over another socket");
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  return socket;
}
