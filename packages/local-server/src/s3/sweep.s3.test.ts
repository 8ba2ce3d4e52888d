import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { bytesFrom, request, serve } from "../testing/real-server.js";
import { sweepAfter } from "../testing/sweep-after.js";
import { bucketOptions, testEndpoint } from "../testing/test-bucket.js";

const part = bytesFrom("part", 1000);
const DAY_MS = 86_400_000;

function storeClient(): S3Client {
  const client = new S3Client({ endpoint: testEndpoint!, forcePathStyle: true });
  onTestFinished(() => client.destroy());
  return client;
}

test("an unfinished image without a new part is removed after its time, with its parts", async () => {
  const s3 = bucketOptions();
  const client = await serve({ s3 });
  const done = await client.upload("done", [part]);
  const open = await client.create("open");
  await client.put(open, 1, part);
  const late = await client.partUrl(open, 2);

  expect(await sweepAfter(6.9 * DAY_MS, s3)).toEqual([]);
  expect((await client.call("GET", `/${open}`)).status).toBe(200);
  expect(await sweepAfter(7.1 * DAY_MS, s3)).toEqual([]);
  expect((await client.call("GET", `/${open}`)).status).toBe(404);
  expect((await request(late, { method: "PUT", body: part })).status).toBe(404);
  expect(await client.status(done)).toBe("completed");
  expect((await client.call("POST", "", { name: "open" })).status).toBe(201);
  const { data } = (await client.call("GET", "?include_deleted=true")).json;
  expect(data.map(({ name }) => name)).toEqual(["open", "open", "done"]);
});

test("the record of a deleted image is removed after deletedTtlDays, and its name stays free", async () => {
  const s3 = bucketOptions();
  const client = await serve({ s3 });
  const id = await client.upload("a", [part]);
  await client.upload("b", [part]);
  await client.call("DELETE", `/${id}`);
  const names = async () => {
    const { data } = (await client.call("GET", "?include_deleted=true")).json;
    return data.map(({ name }) => name);
  };
  expect(await sweepAfter(6.9 * DAY_MS, s3)).toEqual([]);
  expect(await names()).toEqual(["b", "a"]);
  expect(await sweepAfter(7.1 * DAY_MS, s3)).toEqual([]);
  expect(await names()).toEqual(["b"]);
  expect((await client.call("GET", `/${id}`)).status).toBe(404);
  expect((await client.call("POST", "", { name: "a" })).status).toBe(201);
});

test("a record that cannot be read is reported, and the sweep continues with the others", async () => {
  const s3 = bucketOptions();
  const client = await serve({ s3 });
  const ids = [await client.create("a"), await client.create("b"), await client.create("c")];
  const [first, bad, last] = ids.sort();
  const Key = `${s3.prefix!}/records/${bad!}`;
  await storeClient().send(new PutObjectCommand({ Bucket: s3.bucket, Key, Body: '{"image":' }));

  expect(await sweepAfter(8 * DAY_MS, s3)).toEqual([bad]);
  for (const id of [first!, last!]) {
    expect((await client.call("GET", `/${id}`)).status).toBe(404);
  }
});

test("a server whose clock is a day ahead ends no upload that another has just begun", async () => {
  const s3 = bucketOptions();
  const store = storeClient();
  const Bucket = s3.bucket;
  const Key = `${s3.prefix!}/images/image_begun`;
  const { UploadId } = await store.send(new CreateMultipartUploadCommand({ Bucket, Key }));

  const ahead = await serve({ s3, clock: () => Date.now() + DAY_MS });
  await ahead.server.close(); // waits for its first sweep
  const { Uploads } = await store.send(
    new ListMultipartUploadsCommand({ Bucket, Prefix: s3.prefix! }),
  );
  expect(Uploads?.map((one) => one.UploadId)).toEqual([UploadId]);
});
