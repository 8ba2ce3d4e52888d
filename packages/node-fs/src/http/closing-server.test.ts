import { createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as after } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { seededBytes, sha256Of } from "../testing/seeded.js";
import { apiFetch } from "./api-fetch.js";
import { UndiciTransport } from "./transport.js";

const body = seededBytes("closing server", 150_000);

const heads = {
  "an HTTP/1.0 answer": `HTTP/1.0 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`,
  "an answer that closes": `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`,
  "an answer without a length": `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n`,
};

// fault N16
test.each(Object.entries(heads))(
  "%s whose connection has ended is read to its end, however slowly",
  async (_, head) => {
    const { url, ended } = await openServer((socket) => void socket.end(body), head);
    const transport = new UndiciTransport();
    const pieces: Buffer[] = [];

    const answer = await get(transport, url, pieces, async () => {
      await ended();
      await after(1);
    });

    expect(answer.status).toBe(200);
    expect(sha256Of(Buffer.concat(pieces))).toBe(sha256Of(body));
    await transport.close();
  },
);

// fault N16
test.each(Object.entries(heads))(
  "%s whose connection is reset while its reader is slow is a failed request",
  async (_, head) => {
    const { url, ended } = await openServer((socket) => {
      socket.write(body.subarray(0, 100_000), () => socket.resetAndDestroy());
    }, head);
    const transport = new UndiciTransport();

    await expect(
      get(transport, url, [], async () => {
        await ended();
        await after(1);
      }),
    ).rejects.toMatchObject({ name: "TransportError" });
    await transport.close();
  },
);

// fault N16
test.each(Object.entries(heads))(
  "%s whose reader is slow can be closed in the middle",
  async (_, head) => {
    const { url } = await openServer((socket) => void socket.end(body), head);
    const transport = new UndiciTransport();
    let isHeld = false;
    const ending = new AbortController();

    const answer = get(
      transport,
      url,
      [],
      () => {
        isHeld = true;
        return new Promise<void>(() => undefined);
      },
      ending.signal,
    );
    const told = expect(answer).rejects.toThrow();
    await vi.waitUntil(() => isHeld);
    ending.abort(new Error("enough"));
    await transport.close();

    await told;
  },
);

// fault N16
test("a long answer of the service whose connection has ended is read to its end", async () => {
  const list = body.subarray(0, 70_000); // a little more than a stream holds
  const { url, ended } = await openServer(
    (socket) => void socket.end(list),
    `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${list.length}\r\n\r\n`,
  );

  const answer = await apiFetch(url);
  await ended();
  await after(20); // the end has come by then, and nothing of the body was read

  expect(sha256Of(new Uint8Array(await answer.arrayBuffer()))).toBe(sha256Of(list));
});

function get(
  transport: UndiciTransport,
  url: string,
  pieces: Buffer[],
  wait: () => Promise<void>,
  signal = new AbortController().signal,
) {
  const room = new Uint8Array(16 * 1024);
  let filled = 0;
  return transport.get({
    url,
    headers: {},
    signal,
    onHead: () => true,
    into: async () => {
      await wait();
      filled = 0;
      return room;
    },
    onMoved: (bytes) => {
      pieces.push(Buffer.from(room.subarray(filled, filled + bytes)));
      filled += bytes;
    },
  });
}

/** @returns Also what resolves when the server has sent all, and closed the connection. */
async function openServer(answer: (socket: Socket) => void, head: string) {
  let close = (): void => undefined;
  const closed = new Promise<void>((resolve) => (close = resolve));
  const server = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .once("data", () => {
        socket.write(head);
        answer(socket);
      });
    socket.once("finish", close).once("close", close);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, ended: () => closed };
}
