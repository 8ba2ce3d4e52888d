import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { TransportError, type PutAnswer } from "@img/transfer";
import { bodyIn } from "../testing/body-in.js";
import { UndiciTransport } from "./transport.js";

const answer = (etag: string, status = "200 OK"): string =>
  `HTTP/1.1 ${status}\r\nETag: "${etag}"\r\nContent-Length: 0\r\n\r\n`;

// fault O03
test("what follows an answer unasked is no answer to the next request", async () => {
  const put = await puttingTo((socket, nth) => {
    socket.write(nth === 1 ? answer("first") + answer("stale") : answer("second", "500 No"));
  });
  expect(await put()).toMatchObject({ status: 200, headers: { etag: '"first"' }, sentAll: true });
  expect(await put()).toMatchObject({ status: 500, headers: { etag: '"second"' } });
});

// fault O03
test("what comes unasked while the connection is idle is no answer to the next request", async () => {
  let idle: Socket | undefined;
  const put = await puttingTo((socket, nth) => {
    socket.write(nth === 1 ? answer("first") : answer("second", "500 No"));
    idle ??= socket;
  });
  await put();
  idle?.write(answer("stale"));
  expect(await put()).toMatchObject({ status: 500, headers: { etag: '"second"' } });
});

// fault O04
test.each([
  ["an unasked 100 Continue", "HTTP/1.1 100 Continue\r\n\r\n", /not asked for/],
  ["the status 000", answer("x", "000 None"), /impossible status 000/],
  ["the status 042", answer("x", "042 None"), /impossible status 042/],
  ["interim answers without end", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(20), /without end/],
  ["no HTTP", "SSH-2.0-OpenSSH_9.6\r\n", /not HTTP/],
])("%s ends the request with a sentence", async (_, text, why) => {
  const put = await puttingTo((socket) => void socket.write(text));
  for (let tries = 0; tries < 2; tries++) {
    const error: unknown = await put().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({
      message: expect.stringMatching(why) as string,
      staleSocket: false,
    });
  }
});

// fault O04
test("an interim answer before the answer is passed over", async () => {
  const put = await puttingTo((socket) => {
    socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${answer("part")}`);
  });
  expect(await put()).toMatchObject({ status: 200, sentAll: true, headers: { etag: '"part"' } });
});

/** Puts 4 KiB to a server that does this with each request that is through. */
async function puttingTo(
  onRequest: (socket: Socket, nth: number) => void,
): Promise<() => Promise<PutAnswer>> {
  const bodyBytes = 4_096;
  let requests = 0;
  const server = createServer((socket) => {
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      const head = text.indexOf("\r\n\r\n") + 4;
      if (head < 4 || text.length < head + bodyBytes) return;
      text = "";
      onRequest(socket, ++requests);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/part`;
  const transport = new UndiciTransport();
  onTestFinished(async () => {
    await transport.close();
    server.close();
  });
  return () =>
    transport.put({
      url,
      headers: {},
      ...bodyIn(new Uint8Array(bodyBytes)),
      onMoved: () => undefined,
      signal: new AbortController().signal,
    });
}
