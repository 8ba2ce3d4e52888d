import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { bytesFrom, serve, sha256 } from "../testing/real-server.js";
import { storeProxy } from "../testing/store-proxy.js";
import type { StoreRequest } from "../testing/store-proxy.js";
import { bucketOptions } from "../testing/test-bucket.js";

const part = bytesFrom("part", 1000);
const digest = sha256(part);
const token = "one-token";

const isJoin = ({ method, path, query }: StoreRequest) =>
  method === "POST" && query.has("uploadId") && path.includes("/images/");

test("an image whose server died between the store's join and the record can be completed", async () => {
  const s3 = bucketOptions();
  const { endpoint } = await storeProxy((request) => (isJoin(request) ? "die-after" : "pass"));
  const dying = await serve({ s3: { ...s3, endpoint }, token });
  const id = await dying.create("a");
  await dying.put(id, 1, part);
  expect((await dying.complete(id, digest)).status).toBe(500);

  const other = await serve({ s3, token });
  expect((await other.complete(id, digest)).status).toBe(200);
  expect((await other.download(id)).body.equals(part)).toBe(true);
});

test.each([3, 10])(
  "completes that come milliseconds apart to %i servers are all 200",
  async (count) => {
    const s3 = bucketOptions();
    const servers = await Promise.all(Array.from({ length: count }, () => serve({ s3, token })));
    for (let round = 0; round < 5; round++) {
      const id = await servers[0]!.create(`n${round}`);
      await servers[0]!.put(id, 1, part);
      const replies = await Promise.all(
        Array.from({ length: 24 }, async (_, n) => {
          await wait(4 * n);
          return servers[n % count]!.complete(id, digest);
        }),
      );
      expect(replies.map(({ status }) => status)).toEqual(Array<number>(24).fill(200));
    }
  },
);
