import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import {
  atEachRequest,
  digest,
  expectGone,
  expectUsable,
  expectWhole,
  named,
  part,
} from "../testing/killed-server.js";
import { testEndpoint } from "../testing/test-bucket.js";
import type { S3Options } from "./options.js";

test("a server that is killed at any request of a creation leaves a name that is free, or one usable image", async () => {
  const killed = await atEachRequest(async (servers, name, kill) => {
    await kill(() => servers.dying.call("POST", "", { name }));
    const again = await servers.other.call("POST", "", { name });
    expect([201, 409]).toContain(again.status);
    const ids = await named(servers.other, name);
    expect(ids).toHaveLength(1);
    await expectUsable(servers, ids[0]!, name);
  });
  // Creations that came to nothing leave nothing behind.
  for (const { s3, otherSweep } of killed) {
    expect(await otherSweep()).toEqual([]);
    expect(await keysIn(s3, "unsettled/")).toEqual([]);
  }
}, 600_000);

test("a server that is killed at any request of a part URL leaves an image that takes parts", async () => {
  await atEachRequest(async (servers, name, kill) => {
    const id = await servers.other.create(name);
    await kill(() => servers.dying.call("POST", `/${id}/parts`, { part_id: 1 }));
    await servers.other.put(id, 1, part);
    expect((await servers.other.complete(id, digest)).status).toBe(200);
    await expectWhole(servers.dying, id);
    await servers.other.call("DELETE", `/${id}`);
    // An upload that was begun and never recorded goes with the sweep.
    expect(await servers.otherSweep()).toEqual([]);
    await expectGone(servers, id, name);
  });
}, 600_000);

test("a server that is killed at any request of a complete leaves an image that can be completed, once", async () => {
  await atEachRequest(async (servers, name, kill) => {
    const id = await servers.other.create(name);
    await servers.other.put(id, 1, part);
    await kill(() => servers.dying.complete(id, digest));
    expect((await servers.other.complete(id, digest)).status).toBe(200);
    for (const client of [servers.dying, servers.other]) await expectWhole(client, id);
    expect(await servers.otherSweep()).toEqual([]);
    await expectWhole(servers.other, id);
    await servers.other.call("DELETE", `/${id}`);
    await expectGone(servers, id, name);
  });
}, 600_000);

async function keysIn(s3: S3Options, below: string): Promise<(string | undefined)[]> {
  const store = new S3Client({ endpoint: testEndpoint!, forcePathStyle: true });
  const Prefix = `${s3.prefix!}/${below}`;
  const { Contents = [] } = await store.send(
    new ListObjectsV2Command({ Bucket: s3.bucket, Prefix }),
  );
  store.destroy();
  return Contents.map(({ Key }) => Key);
}
