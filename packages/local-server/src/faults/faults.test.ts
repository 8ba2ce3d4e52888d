import { describe, expect, test } from "vitest";
import { fill, send } from "../testing/raw-client.js";
import type { Seen } from "../testing/raw-client.js";
import { bytesFrom, MiB, request, serve, sha256 } from "../testing/real-server.js";
import type { Client } from "../testing/real-server.js";
import type { Fault } from "./faults.js";
const part = bytesFrom("part", 3 * MiB);
/** More bytes than the system buffers if nothing reads them. */
const large = 32 * MiB;

async function serveImage(): Promise<{ client: Client; id: string }> {
  const client = await serve();
  return { client, id: await client.upload("a", [part]) };
}

const put = async (client: Client, id: string, body: Uint8Array): Promise<Seen> =>
  send("PUT", await client.partUrl(id, 1), body);

describe("the requests that a fault hits", () => {
  test("is once by default, from the nth matching request on, and counted", async () => {
    const { client, id } = await serveImage();
    const fault = client.server.faults.add({
      on: "get",
      nth: 2,
      times: 2,
      do: "answer",
      status: 503,
    });
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await client.call("GET", `/${id}`)).status);
    expect(statuses).toEqual([200, 503, 503, 200, 200]);
    expect(fault.hits).toBe(2);
    expect(client.server.requests).toMatchObject({
      create: 1,
      part: 1,
      complete: 1,
      get: 5,
      list: 0,
    });
  });

  test("can be for one part, or for what a function says", async () => {
    const client = await serve();
    const id = await client.create("a");
    client.server.faults.add({ on: "part", partId: 2, do: "answer", status: 503 });
    client.server.faults.add({
      on: "part",
      only: ({ headers, partId, method }) =>
        headers["x-a"] === "b" && partId === 1 && method === "PUT",
      do: "answer",
      status: 500,
    });
    expect((await client.put(id, 1, part)).status).toBe(200);
    expect((await client.put(id, 2, part)).status).toBe(503);
    expect((await client.put(id, 1, part, { "x-a": "b" })).status).toBe(500);
  });

  test("end with its removal; if two faults match, the older one is applied", async () => {
    const { client } = await serveImage();
    const { faults } = client.server;
    const first = faults.add({ on: "list", times: Infinity, do: "answer", status: 500 });
    faults.add({ on: "list", do: "answer", status: 503 });
    const status = async () => (await client.call("GET", "")).status;
    expect(await status()).toBe(500);
    first.remove();
    expect(await status()).toBe(503);
    faults.add({ on: "list", times: Infinity, do: "answer", status: 500 });
    faults.clear();
    expect(await status()).toBe(200);
  });

  test.each([
    { on: "everything", do: "reset" },
    { on: "part", do: "ignore-range" },
    { on: "get", do: "flip-bit" },
    { on: "part", do: "edit", json: {} },
    { on: "download", partId: 1, do: "reset" },
  ])("one that never could is refused: %o", async (fault) => {
    const client = await serve();
    expect(() => client.server.faults.add(fault as Fault)).toThrow(TypeError);
  });
});

describe("a connection that breaks", () => {
  test.each([0, MiB, part.length])(
    "reset after %i bytes of a part: nothing is stored",
    async (k) => {
      const client = await serve();
      const id = await client.create("a");
      client.server.faults.add({ on: "part", do: "reset", afterBytes: k });
      expect(await (await put(client, id, part)).end).toMatch(/ECONNRESET|EPIPE/);
      expect((await client.complete(id, sha256(part))).status).toBe(400);
      expect((await client.put(id, 1, part)).status).toBe(200);
    },
  );

  test.each([undefined, 0, MiB])("FIN after %s bytes of a part: nothing is answered", async (k) => {
    const client = await serve();
    const id = await client.create("a");
    client.server.faults.add({ on: "part", do: "fin", afterBytes: k });
    const seen = await put(client, id, part);
    expect(await seen.end).toBe("FIN");
    expect(seen.text()).toBe("");
  });

  test("a stalled part is neither read on nor answered, until the server closes", async () => {
    const client = await serve();
    const id = await client.create("a");
    client.server.faults.add({ on: "part", do: "stall", afterBytes: 1000 });
    const seen = send("PUT", await client.partUrl(id, 1), large);
    expect(await fill(seen.socket, large)).toBeLessThan(large);
    await client.server.close();
    expect(await seen.end).toMatch(/ECONNRESET|EPIPE/);
    expect(seen.text()).toBe("");
  });

  test.each(["reset", "fin"] as const)(
    "a download's %s comes after the bytes it says",
    async (how) => {
      const { client, id } = await serveImage();
      client.server.faults.add({ on: "download", do: how, afterBytes: 1000 });
      const seen = send("GET", await client.downloadUrl(id), Buffer.alloc(0));
      expect(await seen.end).toBe(how === "fin" ? "FIN" : "ECONNRESET");
      if (how === "fin") expect(seen.text().split("\r\n\r\n")[1]).toHaveLength(1000);
    },
  );

  test("a download stalls after its head", async () => {
    const { client, id } = await serveImage();
    client.server.faults.add({ on: "download", do: "stall", afterBytes: 0 });
    const seen = send("GET", await client.downloadUrl(id), Buffer.alloc(0));
    await expect.poll(seen.text).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\n$/);
    seen.socket.destroy();
  });

  test("a download is reset before its head", async () => {
    const { client, id } = await serveImage();
    client.server.faults.add({ on: "download", do: "reset" });
    const seen = send("GET", await client.downloadUrl(id), Buffer.alloc(0));
    expect([await seen.end, seen.text()]).toEqual(["ECONNRESET", ""]);
  });

  test.each(["reset", "fin", "silence"] as const)(
    "a lost answer (%s): the work counts",
    async (by) => {
      const client = await serve();
      client.server.faults.add({ on: "create", do: "lose-answer", by });
      const body = Buffer.from(`{"name":"a"}`);
      const head = `Authorization: Bearer ${client.token}\r\nContent-Type: application/json\r\n`;
      const seen = send("POST", `${client.url}/v2/images`, body, head);
      if (by === "silence") {
        await expect.poll(async () => (await client.call("GET", "")).json.data.length).toBe(1);
        expect([seen.text(), seen.socket.closed]).toEqual(["", false]);
        seen.socket.destroy();
      } else {
        expect([await seen.end, seen.text()]).toEqual([by === "fin" ? "FIN" : "ECONNRESET", ""]);
      }
      expect((await client.call("POST", "", { name: "a" })).status).toBe(409);
    },
  );
});

test("a fault does not affect the next request of the same server", async () => {
  const { client, id } = await serveImage();
  client.server.faults.add({ on: "download", do: "reset", afterBytes: 10 });
  const seen = send("GET", await client.downloadUrl(id), Buffer.alloc(0));
  await seen.end;
  expect((await request(await client.downloadUrl(id))).body.equals(part)).toBe(true);
});
