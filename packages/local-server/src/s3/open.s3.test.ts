import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../server.js";
import { bytesFrom, serve, sha256 } from "../testing/real-server.js";
import { storeProxy } from "../testing/store-proxy.js";
import { bucketOptions, testEndpoint } from "../testing/test-bucket.js";

const part = bytesFrom("part", 1000);

/** Starts a proxy of the real store that ignores conditional writes. */
async function storeWithoutConditions(): Promise<string> {
  const { endpoint } = await storeProxy(({ method, headers }) =>
    method === "PUT" && (headers["if-match"] ?? headers["if-none-match"])
      ? { status: 501, code: "NotImplemented" }
      : "pass",
  );
  return endpoint;
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
