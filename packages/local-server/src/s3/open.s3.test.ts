import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../server.js";
import { bytesFrom, request, serve, sha256 } from "../testing/real-server.js";
import { bucketOptions, testEndpoint } from "../testing/test-bucket.js";

const part = bytesFrom("part", 1000);
const DAY_MS = 86_400_000;

/** The real store, behind a proxy that knows no conditional writes. */
async function storeWithoutConditions(): Promise<string> {
  const { hostname, port } = new URL(testEndpoint!);
  const proxy = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    if (method === "PUT" && (headers["if-match"] ?? headers["if-none-match"])) {
      outgoing.writeHead(501).end("<Error><Code>NotImplemented</Code></Error>");
      return;
    }
    const going = forward({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(going);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

test("a store without conditional writes is refused at the start, with what to do", async () => {
  const s3 = { ...bucketOptions(), endpoint: await storeWithoutConditions() };
  await expect(startServer({ s3, port: 0 })).rejects.toMatchObject({
    code: "CONDITIONAL_WRITES",
    message: expect.stringContaining("--single-server") as unknown,
  });
});

test("the only server of a bucket can do without conditional writes", async () => {
  const endpoint = await storeWithoutConditions();
  const client = await serve({ s3: { ...bucketOptions(), endpoint, singleServer: true } });
  const replies = await Promise.all(
    Array.from({ length: 5 }, () => client.call("POST", "", { name: "a" })),
  );
  expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  const { id } = replies.find(({ status }) => status === 201)!.json;
  await client.put(id, 1, part);
  expect((await client.complete(id, sha256(part))).status).toBe(200);
  expect((await client.download(id)).body.equals(part)).toBe(true);
});

test.each([
  ["a bucket that is not there", { ...bucketOptions(), bucket: "not-there" }, "NoSuchBucket"],
  [
    "a store that does not answer",
    { ...bucketOptions(), endpoint: "http://127.0.0.1:1" },
    "ECONNREFUSED",
  ],
])("%s is said at the start", async (_, s3, why) => {
  await expect(startServer({ s3, port: 0 })).rejects.toMatchObject({
    code: "BUCKET_UNUSABLE",
    message: expect.stringContaining(why) as unknown,
  });
});

test("an image that was made before there were workspaces is in the default one, under its name", async () => {
  const s3 = bucketOptions();
  const before = await serve({ s3 });
  const id = await before.upload("old", [part]);
  const { S3Client, GetObjectCommand, PutObjectCommand } = await import("@aws-sdk/client-s3");
  const store = new S3Client({ endpoint: testEndpoint!, forcePathStyle: true });
  onTestFinished(() => store.destroy());
  const at = { Bucket: s3.bucket, Key: `${s3.prefix!}/records/${id}` };
  const found = await store.send(new GetObjectCommand(at));
  const record = JSON.parse((await found.Body?.transformToString()) ?? "") as {
    image: Record<string, unknown>;
  };
  delete record.image["workspace"];
  await store.send(new PutObjectCommand({ ...at, Body: JSON.stringify(record) }));
  const after = await serve({ s3 });
  expect((await after.call("GET", "")).json.data).toMatchObject([{ id, name: "old" }]);
  const preview = after.inPreview("sfc:workspace:default:default");
  expect((await preview.call("GET", "/old")).json).toMatchObject({ id, workspace: "default" });
  expect((await after.call("POST", "", { name: "old" })).status).toBe(409);
  expect((await after.download(id)).body.equals(part)).toBe(true);
});

test("an unfinished image goes when it has had no part for as long as it may, with its parts", async () => {
  const s3 = bucketOptions();
  const before = await serve({ s3 });
  const done = await before.upload("done", [part]);
  const open = await before.create("open");
  await before.put(open, 1, part);
  const late = await before.partUrl(open, 2);

  const still = await serve({ s3, clock: () => Date.now() + 6.9 * DAY_MS });
  expect((await still.call("GET", `/${open}`)).status).toBe(200);
  const after = await serve({ s3, clock: () => Date.now() + 7.1 * DAY_MS });
  const status = async () => (await before.call("GET", `/${open}`)).status;
  await expect.poll(status).toBe(404);
  expect((await request(late, { method: "PUT", body: part })).status).toBe(404);
  expect(await before.status(done)).toBe("completed");
  expect((await after.call("POST", "", { name: "open" })).status).toBe(201);
  const { data } = (await before.call("GET", "?include_deleted=true")).json;
  expect(data.map(({ name }) => name)).toEqual(["open", "open", "done"]);
});
