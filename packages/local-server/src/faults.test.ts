import { connect } from "node:net";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { bytesFrom, md5, MiB, request, serve, sha256 } from "./testing/real-server.js";
import type { Client, Reply } from "./testing/real-server.js";
import type { Fault } from "./faults.js";

const part = bytesFrom("part", 3 * MiB);
/** More than the system takes in when nobody reads. */
const large = bytesFrom("large", 32 * MiB);

async function serveImage(): Promise<{ client: Client; id: string }> {
  const client = await serve();
  return { client, id: await client.upload("a", [part]) };
}

/** What a client sees of one request on a socket of its own. */
interface Seen {
  readonly socket: Socket;
  readonly text: () => string;
  /** "FIN", or the error's code. */
  readonly end: Promise<string>;
}

function send(method: string, url: string, body: Uint8Array, headers = ""): Seen {
  const { hostname, port, host, pathname, search } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const slices: Buffer[] = [];
  socket.on("data", (slice) => slices.push(slice));
  socket.write(`${method} ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${headers}`);
  socket.write(`Content-Length: ${body.length}\r\n\r\n`);
  socket.write(body);
  let ending = "FIN";
  // An RST may show as the error of a write that was under way, after the end of what can be read.
  socket.once("end", () => socket.end());
  socket.once("error", (error) => (ending = "code" in error ? String(error.code) : error.message));
  const end = new Promise<string>((resolve) => socket.once("close", () => resolve(ending)));
  return { socket, text: () => Buffer.concat(slices).toString("latin1"), end };
}

const put = async (client: Client, id: string, body: Uint8Array): Promise<Seen> =>
  send("PUT", await client.partUrl(id, 1), body);

const code = (reply: Reply) => /<Code>(.*)<\/Code>/.exec(reply.body.toString())?.[1];

describe("when a fault strikes", () => {
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

  test("ends with its removal; of two that are due the older one strikes first", async () => {
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
    const seen = await put(client, id, large);
    await expect.poll(() => client.server.requests.part).toBe(1);
    expect(seen.socket.writableLength).toBeGreaterThan(0);
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

describe("another answer", () => {
  test.each([200, 403, 413, 503])(
    "an early %i leaves the socket open and the body unread",
    async (status) => {
      const client = await serve();
      const id = await client.create("a");
      client.server.faults.add({ on: "part", do: "answer", when: "early", status });
      const seen = await put(client, id, large);
      await expect.poll(seen.text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(seen.socket.writableLength).toBeGreaterThan(0);
      expect(seen.socket.closed).toBe(false);
      seen.socket.destroy();
      expect((await client.complete(id, sha256(part))).status).toBe(400);
    },
  );

  test("an early one can be followed by a reset", async () => {
    const client = await serve();
    const id = await client.create("a");
    client.server.faults.add({
      on: "part",
      do: "answer",
      when: "early",
      status: 403,
      socket: "reset",
    });
    expect(await (await put(client, id, large)).end).toMatch(/ECONNRESET|EPIPE/);
  });

  test.each([
    [403, "AccessDenied"],
    [404, "NoSuchUpload"],
    [500, "InternalError"],
    [503, "SlowDown"],
    [502, "Status502"],
  ])("%i of the store is XML with %s, and nothing is stored", async (status, wanted) => {
    const client = await serve();
    const id = await client.create("a");
    client.server.faults.add({ on: "part", do: "answer", status });
    const reply = await client.put(id, 1, part);
    expect([reply.status, code(reply)]).toEqual([status, wanted]);
    expect((await client.complete(id, sha256(part))).status).toBe(400);
  });

  test("the code, and headers such as Retry-After, can be given", async () => {
    const client = await serve();
    const id = await client.create("a");
    const headers = { "Retry-After": "1000000000" };
    const fault = {
      on: "part",
      do: "answer",
      status: 400,
      code: "RequestTimeout",
      headers,
    } as const;
    client.server.faults.add(fault);
    const reply = await client.put(id, 1, part);
    expect([reply.status, code(reply), reply.headers["retry-after"]]).toEqual([
      400,
      "RequestTimeout",
      "1000000000",
    ]);
  });

  test("of the API it is the contract's error: a node template refers to the image", async () => {
    const { client, id } = await serveImage();
    client.server.faults.add({ on: "delete", do: "answer", status: 409 });
    const reply = await client.call("DELETE", `/${id}`);
    expect(reply.json.error).toMatchObject({ type: "conflict", details: [] });
    expect(await client.status(id)).toBe("completed");
  });

  test("a 201 that can't be read: the image is there", async () => {
    const client = await serve();
    client.server.faults.add({
      on: "create",
      do: "answer",
      when: "after-work",
      status: 201,
      headers: { "Content-Type": "application/json" },
      body: `{"object":"image","id":`,
    });
    const reply = await client.call("POST", "", { name: "a" });
    expect([reply.status, reply.body.toString()]).toEqual([201, `{"object":"image","id":`]);
    expect((await client.call("GET", "")).json.data).toHaveLength(1);
  });

  test.each([
    ["HTML", "<html>502 Bad Gateway</html>", "text/html"],
    ["nothing", "", "application/json"],
    ["deep nesting", "[".repeat(100_000), "application/json"],
    ["bytes", Uint8Array.of(0, 255), "application/octet-stream"],
  ])("it can be %s", async (_, body, type) => {
    const client = await serve();
    client.server.faults.add({
      on: "list",
      do: "answer",
      status: 200,
      body,
      headers: { "Content-Type": type },
    });
    const reply = await client.call("GET", "");
    expect(reply.headers["content-type"]).toBe(type);
    expect(reply.body.equals(Buffer.from(body))).toBe(true);
  });

  test("the API's right one can be edited", async () => {
    const { client, id } = await serveImage();
    const { faults } = client.server;
    faults.add({
      on: "get",
      do: "edit",
      json: { upload_status: "scanning", sha256: null, more: 1 },
    });
    faults.add({
      on: "partUrl",
      do: "edit",
      json: (answer) => ({ ...answer, url: String(answer["url"]).replace("http:", "file:") }),
    });
    expect((await client.call("GET", `/${id}`)).json).toMatchObject({
      id,
      upload_status: "scanning",
      sha256: null,
      more: 1,
    });
    expect(await client.partUrl(await client.create("b"), 1)).toMatch(/^file:/);
  });

  test("an image can be made to fail", async () => {
    const { client, id } = await serveImage();
    client.server.faults.add({ on: "downloadUrl", do: "mark-failed" });
    expect((await client.call("GET", `/${id}/download`)).status).toBe(409);
    expect(await client.status(id)).toBe("failed");
  });

  test("a refusal of ours can be lost, delayed and given another header, too", async () => {
    const client = await serve();
    client.server.faults.add({ on: "get", do: "headers", headers: { "X-Seen": "yes" } });
    const reply = await client.call("GET", "/image_none");
    expect([reply.status, reply.headers["x-seen"]]).toEqual([404, "yes"]);
  });
});

describe("headers that lie", () => {
  test.each([
    ["none", null],
    ["one of MD5 shape that is not the part's", `"${md5(bytesFrom("other", 1))}"`],
    ["an opaque one", '"opaque-tag"'],
  ])("a part's ETag is %s, and the part is stored", async (_, ETag) => {
    const client = await serve();
    const id = await client.create("a");
    client.server.faults.add({ on: "part", do: "headers", headers: { ETag } });
    expect((await client.put(id, 1, part)).headers.etag).toBe(ETag ?? undefined);
    expect((await client.complete(id, sha256(part))).status).toBe(200);
  });

  test.each([
    ["wrong", "bytes 5-14/3145728"],
    ["none", null],
  ])("a download's Content-Range is %s", async (_, value) => {
    const { client, id } = await serveImage();
    client.server.faults.add({
      on: "download",
      do: "headers",
      headers: { "content-range": value },
    });
    const reply = await client.download(id, { Range: "bytes=0-9" });
    expect([reply.status, reply.headers["content-range"]]).toEqual([206, value ?? undefined]);
    expect(reply.body.equals(part.subarray(0, 10))).toBe(true);
  });

  test("another ETag comes in the middle of a download", async () => {
    const { client, id } = await serveImage();
    client.server.faults.add({
      on: "download",
      nth: 2,
      do: "headers",
      headers: { ETag: '"other"' },
    });
    const tags = [];
    for (let n = 0; n < 3; n++) tags.push((await client.download(id)).headers.etag);
    expect([tags[0] === tags[2], tags[1]]).toEqual([true, '"other"']);
  });
});

describe("a body that is not as it should be", () => {
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

  test("one bit of a part is flipped on its way, which Content-MD5 finds", async () => {
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

  test("an answer comes late, and a client that has gone is not waited for", async () => {
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

test("what a fault does shows nothing on the next request of the same server", async () => {
  const { client, id } = await serveImage();
  client.server.faults.add({ on: "download", do: "reset", afterBytes: 10 });
  const seen = send("GET", await client.downloadUrl(id), Buffer.alloc(0));
  await seen.end;
  expect((await request(await client.downloadUrl(id))).body.equals(part)).toBe(true);
});
