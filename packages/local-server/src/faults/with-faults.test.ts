import { describe, expect, test } from "vitest";
import { send } from "../testing/raw-client.js";
import type { Seen } from "../testing/raw-client.js";
import { bytesFrom, md5, MiB, serve, sha256 } from "../testing/real-server.js";
import type { Client, Reply } from "../testing/real-server.js";

const part = bytesFrom("part", 3 * MiB);
/** More than the system buffers if nothing reads it. */
const large = bytesFrom("large", 32 * MiB);

async function serveImage(): Promise<{ client: Client; id: string }> {
  const client = await serve();
  return { client, id: await client.upload("a", [part]) };
}

const put = async (client: Client, id: string, body: Uint8Array): Promise<Seen> =>
  send("PUT", await client.partUrl(id, 1), body);

const code = (reply: Reply) => /<Code>(.*)<\/Code>/.exec(reply.body.toString())?.[1];

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

  test("of the API has the contract's error body, for example that a node template uses the image", async () => {
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

  test("a refusal can be lost, delayed and given other headers, too", async () => {
    const client = await serve();
    client.server.faults.add({ on: "get", do: "headers", headers: { "X-Seen": "yes" } });
    const reply = await client.call("GET", "/image_none");
    expect([reply.status, reply.headers["x-seen"]]).toEqual([404, "yes"]);
  });
});

describe("wrong headers", () => {
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

  test("the ETag changes in the middle of a download", async () => {
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
