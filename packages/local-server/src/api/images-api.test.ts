import { expect, test } from "vitest";
import { imageIdPattern } from "@img/core/wire";
import { bytesFrom, expectError, serve, sha256 } from "../testing/real-server.js";

const part = bytesFrom("one part", 1000);
const digest = sha256(part);
const nowSec = Math.floor(Date.now() / 1000);

const accounts = [
  { name: "mine", token: "my-token" },
  { name: "private", token: "private-token" },
  { name: "public", token: "public-token", isPublic: true },
];

test("an image goes from started to uploading to completed", async () => {
  const client = await serve({ clock: () => nowSec * 1000 + 500 });
  const created = await client.call("POST", "", { name: "a" });
  expect(created.status).toBe(201);
  const { id } = created.json;
  expect(id).toMatch(imageIdPattern);
  const image = { object: "image", id, name: "a", created_at: nowSec };
  expect(created.json).toEqual({ ...image, upload_status: "started", sha256: null });
  await client.put(id, 1, part);
  expect(await client.status(id)).toBe("uploading");
  const completed = { ...image, upload_status: "completed", sha256: digest };
  expect((await client.complete(id, digest)).json).toEqual(completed);
  expect((await client.call("GET", `/${id}`)).json).toEqual(completed);
});

test("a part URL and a download URL say when they expire, by the server's clock", async () => {
  const client = await serve({ clock: () => nowSec * 1000 + 500, urlTtlSec: 60 });
  const id = await client.create("a");
  const { json } = await client.call("POST", `/${id}/parts`, { part_id: 1 });
  expect(json.expires_at).toBe(nowSec + 60);
  await client.put(id, 1, part);
  const completed = await client.complete(id, digest);
  expect(completed.headers["date"]).toBe(new Date(nowSec * 1000).toUTCString());
  const download = (await client.call("GET", `/${id}/download`)).json;
  expect(download).toEqual({
    url: expect.stringMatching(/^http:/) as string,
    expires_at: nowSec + 60,
    sha256: digest,
    size: 1000,
  });
});

test("no cache may keep a presigned URL, and no browser guesses what an answer is", async () => {
  const client = await serve();
  const id = await client.upload("a", [part]);
  const partUrl = await client.call("POST", `/${await client.create("b")}/parts`, { part_id: 1 });
  const replies = [partUrl, await client.call("GET", `/${id}/download`)];
  expect(replies.map(({ headers }) => headers["cache-control"])).toEqual(["no-store", "no-store"]);
  for (const reply of [
    ...replies,
    await client.call("GET", "/nope"),
    await client.call("GET", ""),
  ]) {
    expect(reply.headers["x-content-type-options"]).toBe("nosniff");
  }
});

test("the name of an image is taken until it is deleted; other accounts may use it", async () => {
  const client = await serve({ accounts });
  const id = await client.create("a");
  const clash = await client.call("POST", "", { name: "a" });
  expectError(clash, 409);
  expect(clash.json.error.details).toEqual([
    { field: "name", code: "name_taken", message: "There is already an image named a." },
  ]);
  expect((await client.as("private-token").call("POST", "", { name: "a" })).status).toBe(201);
  const deleted = await client.call("DELETE", `/${id}`);
  expect(deleted.json).toEqual({ object: "image", deleted: true, name: "a" });
  expect((await client.call("POST", "", { name: "a" })).status).toBe(201);
});

test("of many simultaneous creations of one name, one succeeds", async () => {
  const client = await serve();
  const replies = await Promise.all(
    Array.from({ length: 10 }, () => client.call("POST", "", { name: "a" })),
  );
  expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
});

test("a failed image keeps its name until it is deleted", async () => {
  const client = await serve();
  const id = await client.create("failed");
  client.server.faults.add({ on: "get", do: "mark-failed" });
  expect(await client.status(id)).toBe("failed");
  expectError(await client.call("POST", "", { name: "failed" }), 409);
  await client.call("DELETE", `/${id}`);
  expect((await client.call("POST", "", { name: "failed" })).status).toBe(201);
});

test("completing again with the same sha256 is 200, with another 400", async () => {
  const client = await serve();
  const id = await client.upload("a", [part]);
  expect((await client.complete(id, digest)).status).toBe(200);
  const other = await client.complete(id, "0".repeat(64));
  expectError(other, 400);
  expect(other.json.error.details?.[0]).toMatchObject({ field: "sha256", code: "sha256_differs" });
});

test("of concurrent completes the first digest counts, and the others get an error", async () => {
  const client = await serve();
  const id = await client.create("a");
  await client.put(id, 1, part);
  const digests = [digest, "0".repeat(64), digest, "1".repeat(64)];
  const replies = await Promise.all(digests.map((one) => client.complete(id, one)));
  const { sha256: kept } = (await client.call("GET", `/${id}`)).json;
  expect(replies.map(({ status }) => status)).toEqual(
    digests.map((one) => (one === kept ? 200 : 400)),
  );
});

test("a complete and a delete at once leave no image that is both", async () => {
  const client = await serve();
  const id = await client.create("a");
  await client.put(id, 1, part);
  const [, removed] = await Promise.all([
    client.complete(id, digest),
    client.call("DELETE", `/${id}`),
  ]);
  expect(removed.status).toBe(200);
  expect((await client.call("GET", `/${id}`)).status).toBe(404);
});

test("complete names the missing and the small parts, and the image stays open", async () => {
  const client = await serve();
  const id = await client.create("a");
  await client.put(id, 2, part);
  await client.put(id, 4, part);
  const refused = await client.complete(id, digest);
  expectError(refused, 400);
  expect(refused.json.error.details).toEqual([
    { field: "parts.1", code: "part_missing", message: "Part 1 has not arrived." },
    { field: "parts.3", code: "part_missing", message: "Part 3 has not arrived." },
    {
      field: "parts.2",
      code: "part_too_small",
      message: "Part 2 has 1000 bytes, less than 5242880 (5 MiB).",
    },
  ]);
  expect(await client.status(id)).toBe("uploading");
});

test("an image of a public account is hidden from others until it is completed", async () => {
  const client = await serve({ accounts });
  const id = await client.as("public-token").create("a");
  expect((await client.call("GET", `/${id}`)).status).toBe(404);
});
