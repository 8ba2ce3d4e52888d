import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { expect, test } from "vitest";
import { Wire } from "./wire.js";

/** Sends bytes through a wire to a server that sends them back. */
async function through(wire: Wire, bytes: Buffer): Promise<Buffer> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const [from, to] = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  while (sockets.length < 2) await once(server, "connection");
  const [entry, exit] = sockets as [Socket, Socket];
  if (entry.remotePort !== from.localPort) sockets.reverse();
  wire.carry(sockets[0] ?? entry, sockets[1] ?? exit);
  from.end(bytes);
  const arrived = Buffer.concat((await to.toArray()) as Buffer[]);
  for (const socket of [...sockets, from, to]) socket.destroy();
  server.close();
  return arrived;
}

test("bytes come out as they went in, and so does the end", async () => {
  const bytes = randomBytes(9 * 1024 * 1024 + 7);
  expect((await through(new Wire(Infinity, 0), bytes)).equals(bytes)).toBe(true);
});

test("no byte arrives too early", async () => {
  const startedMs = performance.now();
  await through(new Wire(1024 * 1024, 50), randomBytes(256 * 1024));
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(250 + 50 - 2);
});
