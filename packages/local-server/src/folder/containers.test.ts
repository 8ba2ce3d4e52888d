import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serveCommand, serveElsewhere } from "../testing/other-process.js";
import { bytesFrom, MiB, sha256, temporaryFolder } from "../testing/real-server.js";

const first = bytesFrom("first", 5 * MiB);
const second = bytesFrom("second", 1000);
const whole = Buffer.concat([first, second]);

/** In this container, 90 s without a renewal pass in 2 s, and the lock is renewed 9 times a second. */
const container = { inContainer: true, lockSpeed: 45 };

// fault D18
test("a folder that a server in another container serves is refused, and keeps its server", async () => {
  const dir = await temporaryFolder();
  const one = await serveElsewhere(dir, container);
  await expect(serveElsewhere(dir, container)).rejects.toThrow("STORE_LOCKED");
  const id = await one.client.upload("a", [first, second]);
  expect((await one.client.download(id)).body.equals(whole)).toBe(true);
});

// fault D19
test("a rolling restart: the next container serves as soon as the last one has ended, all images there", async () => {
  const dir = await temporaryFolder();
  const one = await serveElsewhere(dir, container);
  const id = await one.client.create("a");
  await one.client.put(id, 1, first);
  await expect(serveElsewhere(dir, container)).rejects.toThrow("STORE_LOCKED");
  expect(await one.end("SIGTERM")).toBe(0);
  // At normal speed: it does not have to wait.
  const two = await serveElsewhere(dir, { inContainer: true });
  await two.client.put(id, 2, second);
  expect((await two.client.complete(id, sha256(whole))).status).toBe(200);
});

// fault D18
test("the command as process 1 of a container ends by SIGTERM, and the next container has all images", async () => {
  const dir = await temporaryFolder();
  const one = await serveCommand(dir);
  const id = await one.client.upload("a", [first, second]);
  expect(await one.end("SIGTERM")).toBe(0);
  const two = await serveCommand(dir);
  expect((await two.client.download(id)).body.equals(whole)).toBe(true);
});

test("a server whose container was killed is replaced when its lock was not renewed for 90 s", async () => {
  const dir = await temporaryFolder();
  const one = await serveElsewhere(dir, container);
  const id = await one.client.upload("a", [first, second]);
  await one.end("SIGKILL");
  const two = await serveElsewhere(dir, container);
  expect((await two.client.download(id)).body.equals(whole)).toBe(true);
});

// fault D18
test("a server that was frozen until another one took over ends without another write", async () => {
  const dir = await temporaryFolder();
  const one = await serveElsewhere(dir, container);
  const id = await one.client.create("a");
  const url = await one.client.partUrl(id, 1);
  one.signal("SIGSTOP");
  const two = await serveElsewhere(dir, container);
  const said = one.line();
  const late = one.client.call("POST", "", { name: "late" }).catch(() => null);
  one.signal("SIGCONT");
  expect(await said).toBe("ended: STORE_LOCK_LOST");
  expect((await late)?.status ?? 500).toBe(500);
  expect(await readdir(join(dir, "images"))).toEqual([id]);
  await two.client.put(id, 1, second);
  expect((await two.client.complete(id, sha256(second))).status).toBe(200);
  expect(url).toContain(id);
});

// fault D19
test("of three servers that find the lock of one that was killed, one serves, and keeps serving", async () => {
  const dir = await temporaryFolder();
  const killed = await serveElsewhere(dir);
  const id = await killed.client.upload("a", [second]);
  await killed.end("SIGKILL");
  const starts = await Promise.allSettled([1, 2, 3].map(() => serveElsewhere(dir)));
  const serving = starts.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  expect(serving).toHaveLength(1);
  for (const start of starts) {
    if (start.status === "rejected") expect(String(start.reason)).toContain("STORE_LOCKED");
  }
  expect((await serving[0]!.client.download(id)).body.equals(second)).toBe(true);
  await expect(serveElsewhere(dir)).rejects.toThrow("STORE_LOCKED");
});
