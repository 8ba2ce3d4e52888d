import { connect } from "node:net";
import { expect, test } from "vitest";
import { realFileSystem } from "@img/files";
import { bytesFrom, request, serve } from "../testing/real-server.js";

const part = bytesFrom("part", 1000);

async function told(url: string): Promise<string> {
  const reply = await request(`${url}/metrics`, { headers: { Host: "10.0.0.7:9090" } });
  expect(reply.status).toBe(200);
  expect(reply.headers["content-type"]).toContain("text/plain");
  return reply.body.toString();
}

test("metrics tell requests by operation and status, bytes and what is running", async () => {
  const client = await serve();
  const id = await client.upload("a", [part]);
  await client.call("GET", "/image_unknown");
  await client.call("GET", "/nothing/here");
  await client.download(id);
  const metrics = await told(client.url);
  for (const line of [
    'img_requests_total{operation="create",status="201"} 1',
    'img_requests_total{operation="part",status="200"} 1',
    'img_requests_total{operation="get",status="404"} 1',
    'img_requests_total{operation="none",status="404"} 1',
    'img_requests_total{operation="download",status="200"} 1',
    'img_request_seconds_count{operation="complete"} 1',
    "img_requests_in_flight 0",
    "img_store_errors_total 0",
  ]) {
    expect(metrics).toContain(`${line}\n`);
  }
  const value = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(metrics)?.[1]);
  expect(value("img_received_bytes_total")).toBeGreaterThanOrEqual(part.length);
  expect(value("img_sent_bytes_total")).toBeGreaterThan(part.length);
});

test("nothing that a client sends is in the metrics: no name, no id, no path", async () => {
  const client = await serve();
  const id = await client.upload("secret-name", [part]);
  await client.call("GET", "/secret-path");
  const metrics = await told(client.url);
  expect(metrics).not.toMatch(/secret/);
  expect(metrics).not.toContain(id);
});

test("a disk that fails is counted, and so is a client that leaves", async () => {
  let failing = false;
  const mkdir = (path: string, mode: number) =>
    failing ? Promise.reject(new Error("EIO")) : realFileSystem.mkdir(path, mode);
  const client = await serve({ fileSystem: { ...realFileSystem, mkdir } });
  failing = true;
  expect((await client.call("POST", "", { name: "a" })).status).toBe(500);
  client.server.faults.add({ on: "list", do: "stall" });
  const socket = connect(Number(new URL(client.url).port));
  socket.write("GET /v2/images HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await expect.poll(() => told(client.url)).toContain("img_requests_in_flight 1\n");
  socket.destroy();
  await expect
    .poll(() => told(client.url))
    .toContain('img_requests_total{operation="list",status="0"} 1\n');
  expect(await told(client.url)).toContain("img_store_errors_total 1\n");
});
