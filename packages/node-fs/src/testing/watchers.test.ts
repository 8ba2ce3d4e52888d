import { open } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { census, leftOver, socketsTo } from "./left-over.js";
import { Secrets } from "./secrets.js";

test("a descriptor, a timer, a listening server, a socket and a thread that were forgotten are found", async () => {
  const before = census();
  const file = await open("/dev/null");
  const timers = Array.from({ length: 9 }, () => setInterval(() => undefined, 1000));
  const server = createServer((socket) => void socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  const thread = new Worker("setInterval(() => {}, 1000)", { eval: true });
  await new Promise((resolve) => thread.once("online", resolve));

  const left = await leftOver(before, 0);
  expect(left).toEqual(
    expect.arrayContaining(["descriptor of /dev/null", "Timeout", "TCPServerWrap", "thread"]),
  );
  expect(await socketsTo(port, 0)).toBe(1);

  timers.forEach(clearInterval);
  socket.resetAndDestroy();
  await Promise.all([file.close(), thread.terminate(), new Promise((done) => server.close(done))]);
  expect(await leftOver(before)).toEqual([]);
});

test.each([
  ["a message", new Error("token-1234 is wrong")],
  ["a cause", new Error("failed", { cause: new Error("GET /x?expires=1&signature=abc failed") })],
  [
    "a hidden property",
    Object.defineProperty(new Error("failed"), "request", {
      value: { headers: new Headers({ authorization: "Bearer token-1234" }) },
    }),
  ],
  ["what JSON says", { toJSON: () => "token-1234" }],
])("a secret in %s is found", (_, told) => {
  const secrets = new Secrets("token-1234");
  secrets.look("told", told);
  expect(secrets.found).toHaveLength(1);
});
