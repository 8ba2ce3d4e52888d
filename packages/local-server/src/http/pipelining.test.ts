import { readdir, readlink } from "node:fs/promises";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { bytesFrom, MiB, request, serve } from "../testing/real-server.js";
import type { Client } from "../testing/real-server.js";

const large = bytesFrom("large", 32 * MiB);
const authorization = (client: Client) => `Authorization: Bearer ${client.token}\r\n`;

/** Sends several requests at once on one connection. The answers are read only when the test does so. */
function pipelined(client: Client, requests: readonly [string, string, string?][]): Socket {
  const { hostname, port, host } = new URL(client.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  socket.pause();
  for (const [method, target, headers = ""] of requests) {
    socket.write(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`);
  }
  return socket;
}

const targetOf = (url: string): string => url.slice(new URL(url).origin.length);

async function inFlight(client: Client): Promise<number> {
  const { body } = await request(`${client.url}/metrics`);
  return Number(/^img_requests_in_flight (\d+)$/m.exec(body.toString())?.[1]);
}

/** Lists the files of the folder that this process has open. */
async function openFiles(dir: string): Promise<string[]> {
  const links = (await readdir("/proc/self/fd")).map((fd) =>
    readlink(`/proc/self/fd/${fd}`).catch(() => ""),
  );
  return (await Promise.all(links)).filter((path) => path.startsWith(`${dir}/images/`));
}

test.skipIf(process.platform !== "linux")(
  "downloads that are cut while they wait behind another on their connection are over, and hold no file",
  async () => {
    const client = await serve();
    const target = targetOf(await client.downloadUrl(await client.upload("a", [large])));
    const gets = Array<[string, string]>(8).fill(["GET", target]);
    const sockets = Array.from({ length: 8 }, () => pipelined(client, gets));
    await expect.poll(() => inFlight(client)).toBe(8);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => inFlight(client)).toBe(0);
    await expect.poll(() => openFiles(client.dir)).toEqual([]);
  },
);

test("requests behind a download whose connection ends are not handled", async () => {
  const lines: string[] = [];
  const client = await serve({ log: (line) => lines.push(line) });
  const id = await client.upload("a", [large]);
  const target = targetOf(await client.downloadUrl(id));
  const socket = pipelined(client, [
    ["GET", target],
    ["DELETE", `/v2/images/${id}`, authorization(client)],
  ]);
  await expect.poll(() => inFlight(client)).toBe(1);
  socket.destroy();
  await expect.poll(() => inFlight(client)).toBe(0);
  expect(await client.status(id)).toBe("completed");
  expect(lines.join("\n")).not.toContain("DELETE");
});

test("pipelined requests are answered, one after the other and in order", async () => {
  const client = await serve();
  const id = await client.create("a");
  const get: [string, string, string] = ["GET", `/v2/images/${id}`, authorization(client)];
  const last: [string, string, string] = ["GET", "/healthz", "Connection: close\r\n"];
  const socket = pipelined(client, [get, ["DELETE", get[1], get[2]], get, last]);
  const slices: Buffer[] = [];
  for await (const slice of socket) slices.push(slice as Buffer);
  const statuses = Buffer.concat(slices)
    .toString()
    .matchAll(/HTTP\/1\.1 (\d+)/g);
  expect([...statuses].map(([, status]) => status)).toEqual(["200", "200", "404", "200"]);
});

test("a connection on which too many requests wait is closed", async () => {
  const client = await serve();
  const target = targetOf(await client.downloadUrl(await client.upload("a", [large])));
  const socket = pipelined(client, [
    ["GET", target],
    ...Array<[string, string]>(200).fill(["GET", "/healthz"]),
  ]);
  await new Promise<void>((resolve) => socket.resume().once("close", () => resolve()));
  expect(await inFlight(client)).toBe(0);
});
