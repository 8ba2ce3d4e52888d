import { chmod, chown } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer } from "../server.js";
import { bytesFrom, MiB, request, serve, sha256, temporaryFolder } from "../testing/real-server.js";

const part = bytesFrom("one part", 1000);

test("the digest is checked only if the option asks for it", async () => {
  const lax = await serve();
  const laxId = await lax.create("a");
  await lax.put(laxId, 1, part);
  expect((await lax.complete(laxId, "0".repeat(64))).status).toBe(200);

  const strict = await serve({ checkDigest: true });
  const id = await strict.create("a");
  await strict.put(id, 1, bytesFrom("first", 5 * MiB));
  await strict.put(id, 2, part);
  const refused = await strict.complete(id, "0".repeat(64));
  expect(refused.status).toBe(400);
  expect(refused.json.error.details?.[0]).toMatchObject({
    field: "sha256",
    code: "digest_mismatch",
  });
  const right = sha256(Buffer.concat([bytesFrom("first", 5 * MiB), part]));
  expect((await strict.complete(id, right)).status).toBe(200);
});

test.each(["Host", "Origin"])(
  "a part with another %s is refused in the store's XML",
  async (header) => {
    const client = await serve();
    const url = await client.partUrl(await client.create("a"), 1);
    const headers = { [header]: header === "Host" ? "evil.example" : "http://evil.example" };
    const reply = await request(url, { method: "PUT", body: "x", headers });
    expect(reply.status).toBe(403);
    expect(reply.body.toString()).toContain("<Code>AccessDenied</Code>");
  },
);

test("clients may use the allowed host names, and URLs are made from them", async () => {
  const client = await serve({ allowHosts: ["Images.LAN"] });
  const id = await client.create("a");
  const headers = { Host: "images.lan:8080" };
  const { json } = await client.call("POST", `/${id}/parts`, { part_id: 1 }, headers);
  expect(json.url).toMatch(/^http:\/\/images\.lan:8080\/objects\//);
});

test("behind a proxy, URLs begin with the public one, and its origin may make changes", async () => {
  const client = await serve({ publicUrl: "https://img.example/at/" });
  const headers = { Host: "img.example", Origin: "https://img.example" };
  const created = await client.call("POST", "", { name: "a" }, headers);
  expect(created.status).toBe(201);
  const url = new URL(await client.partUrl(created.json.id, 1));
  expect(url.href).toMatch(/^https:\/\/img\.example\/at\/objects\//);
  const inside = client.url + url.pathname.replace("/at", "") + url.search;
  const body = bytesFrom("x", 10);
  expect((await request(inside, { method: "PUT", body })).status).toBe(200);
  expect((await client.complete(created.json.id, sha256(body))).status).toBe(200);
});

/** Makes the folder of a stopped server, and changes its signing key. */
async function withKey(change: (path: string) => Promise<void>): Promise<string> {
  const dir = await temporaryFolder();
  await (await serve({ dir })).server.close();
  await change(join(dir, "url-key"));
  return dir;
}

test.skipIf(process.platform === "win32")(
  "a signing key that others may read is refused, and none is served with it",
  async () => {
    const dir = await withKey((path) => chmod(path, 0o640));
    await expect(startServer({ dir, port: 0 })).rejects.toMatchObject({
      code: "FOLDER_UNUSABLE",
      message: expect.stringContaining("others may read its url-key") as unknown,
    });
  },
);

test.skipIf(process.getuid?.() !== 0)("a signing key of another user is refused", async () => {
  const dir = await withKey((path) => chown(path, 65_534, 65_534));
  await expect(startServer({ dir, port: 0 })).rejects.toMatchObject({
    code: "FOLDER_UNUSABLE",
    message: expect.stringContaining("belongs to another user") as unknown,
  });
});
