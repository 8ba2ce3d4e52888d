import { describe, expect, test } from "vitest";
import { send } from "../testing/raw-client.js";
import { bytesFrom, md5, MiB, serve, sha256 } from "../testing/real-server.js";
import type { Client, Reply } from "../testing/real-server.js";

const part = bytesFrom("part", 3 * MiB);

async function serveImage(): Promise<{ client: Client; id: string }> {
  const client = await serve();
  return { client, id: await client.upload("a", [part]) };
}

const code = (reply: Reply) => /<Code>(.*)<\/Code>/.exec(reply.body.toString())?.[1];

describe("a damaged body", () => {
  test("Range is ignored: 200 with the whole image", async () => {
    const { client, id } = await serveImage();
    client.server.faults.add({ on: "download", do: "ignore-range" });
    const reply = await client.download(id, { Range: "bytes=0-9" });
    expect([reply.status, reply.headers["content-range"], reply.body.length]).toEqual([
      200,
      undefined,
      part.length,
    ]);
  });

  test("one bit of a download is flipped", async () => {
    const { client, id } = await serveImage();
    client.server.faults.add({ on: "download", do: "flip-bit", atByte: 2 * MiB });
    const { body } = await client.download(id);
    expect(body[2 * MiB]).toBe(part[2 * MiB]! ^ 1);
    body[2 * MiB]! ^= 1;
    expect(body.equals(part)).toBe(true);
  });

  test("one bit of a part is flipped, which Content-MD5 detects", async () => {
    const client = await serve();
    const id = await client.create("a");
    client.server.faults.add({ on: "part", do: "flip-bit" });
    const headers = { "Content-MD5": Buffer.from(md5(part), "hex").toString("base64") };
    expect(code(await client.put(id, 1, part, headers))).toBe("BadDigest");
    expect((await client.put(id, 1, part, headers)).status).toBe(200);
  });

  test.each([-10, 100_000])("a download's length differs by %i", async (byBytes) => {
    const { client, id } = await serveImage();
    client.server.faults.add({ on: "download", do: "resize", byBytes });
    const { body, headers } = await client.download(id, { Range: "bytes=0-99" });
    expect([body.length, headers["content-length"]]).toEqual([
      100 + byBytes,
      String(100 + byBytes),
    ]);
    const same = Math.min(100, body.length);
    expect(body.subarray(0, same).equals(part.subarray(0, same))).toBe(true);
  });

  test.each(["part", "download"] as const)("a %s trickles, and is whole at last", async (on) => {
    const client = await serve();
    const id = await client.create("a");
    client.server.faults.add({
      on,
      do: "trickle",
      bytesPerSec: 2000,
      afterBytes: part.length - 400,
    });
    const startMs = performance.now();
    await client.put(id, 1, part);
    await client.complete(id, sha256(part));
    expect((await client.download(id)).body.equals(part)).toBe(true);
    expect(performance.now() - startMs).toBeGreaterThan(150);
  });

  test("an answer is late, and the server does not wait for a client that is gone", async () => {
    const client = await serve();
    client.server.faults.add({ on: "list", do: "delay", ms: 50 });
    const startMs = performance.now();
    expect((await client.call("GET", "")).status).toBe(200);
    expect(performance.now() - startMs).toBeGreaterThan(45);
    client.server.faults.add({ on: "list", do: "delay", ms: 3_600_000 });
    const head = `Authorization: Bearer ${client.token}\r\n`;
    const seen = send("GET", `${client.url}/v2/images`, Buffer.alloc(0), head);
    await expect.poll(() => client.server.requests.list).toBe(2);
    seen.socket.destroy();
    await client.server.close();
  });
});
