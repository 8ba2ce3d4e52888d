import {
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { bytesFrom, serve, sha256 } from "../testing/real-server.js";
import type { Client } from "../testing/real-server.js";
import { storeProxy } from "../testing/store-proxy.js";
import type { Fate } from "../testing/store-proxy.js";
import { bucketOptions, testEndpoint } from "../testing/test-bucket.js";
import { openS3Store } from "./open-s3-store.js";
import { resolveS3 } from "./options.js";
import type { S3Options } from "./options.js";
import type { S3Store } from "./s3-store.js";

const part = bytesFrom("part", 1000);
const digest = sha256(part);
const EIGHT_DAYS_MS = 8 * 86_400_000;

/** Two servers on one bucket, of which one can be killed at any request to the store, again and again. */
interface Pair {
  readonly s3: S3Options;
  readonly dying: Client;
  readonly other: Client;
  /** Sweeps of the one and the other, by a clock that is eight days ahead. */
  readonly dyingSweep: () => Promise<unknown>;
  readonly otherSweep: () => Promise<string[]>;
  /** Runs `work` on the server that dies before or after its n-th request. @returns Whether it got so far. */
  killedAt(
    n: number,
    how: "die-before" | "die-after",
    work: () => Promise<unknown>,
  ): Promise<boolean>;
}

async function pair(): Promise<Pair> {
  const s3 = bucketOptions();
  let left = Infinity;
  let fate: Fate = "pass";
  const proxy = await storeProxy(() => (--left === 0 ? fate : "pass"));
  const behind = { ...s3, endpoint: proxy.endpoint };
  const settings = { token: "one-token", warn: () => undefined };
  const [dying, other] = [
    await serve({ s3: behind, ...settings }),
    await serve({ s3, ...settings }),
  ];
  return {
    s3,
    dying,
    other,
    dyingSweep: await sweepOf(behind),
    otherSweep: await sweepOf(s3),
    async killedAt(n, how, work) {
      [left, fate] = [n, how];
      await work().catch(() => undefined);
      const died = left <= 0;
      left = Infinity;
      proxy.revive();
      return died;
    },
  };
}

async function sweepOf(s3: S3Options): Promise<() => Promise<string[]>> {
  const store: S3Store = await openS3Store(resolveS3(s3), {
    urlTtlSec: 60,
    unfinishedTtlDays: 7,
    deletedTtlDays: 7,
    clock: Date.now,
    storeClock: () => Date.now() + EIGHT_DAYS_MS,
  });
  onTestFinished(() => store.close());
  return async () => {
    const failed: string[] = [];
    await store.sweep((id) => failed.push(id));
    return failed;
  };
}

let points = 0;
afterAll(() => console.log(`kills: ${points} points`));

/** Kills at each request, before and after it, until the work needs no further one. */
async function atEachRequest(
  servers: Pair,
  work: (name: string, kill: (work: () => Promise<unknown>) => Promise<void>) => Promise<void>,
): Promise<void> {
  for (const how of ["die-before", "die-after"] as const) {
    const killed: boolean[] = [];
    do {
      const n = killed.length + 1;
      await work(`${how}-${n}`, async (victim) => {
        killed.push(await servers.killedAt(n, how, victim));
      });
    } while (killed.at(-1));
    points += killed.length - 1;
  }
}

const named = async (client: Client, name: string): Promise<string[]> =>
  (await client.call("GET", "?limit=200")).json.data
    .filter((image) => image.name === name)
    .map(({ id }) => id);

/** The image is whole on both servers, and then goes with all that belongs to it. */
async function expectUsable({ dying, other, s3 }: Pair, id: string, name: string): Promise<void> {
  expect((await other.put(id, 1, part)).status).toBe(200);
  expect((await other.complete(id, digest)).status).toBe(200);
  await expectWhole(dying, id);
  expect((await other.call("DELETE", `/${id}`)).status).toBe(200);
  await expectGone({ dying, other, s3 }, id, name);
}

async function expectWhole(client: Client, id: string): Promise<void> {
  expect(await client.status(id)).toBe("completed");
  expect((await client.download(id)).body.equals(part)).toBe(true);
}

async function expectGone(
  { dying, other, s3 }: Pick<Pair, "dying" | "other" | "s3">,
  id: string,
  name: string,
): Promise<void> {
  for (const client of [dying, other]) {
    expect((await client.call("GET", `/${id}`)).status).toBe(404);
    expect(await named(client, name)).toEqual([]);
  }
  expect(await bytesOf(s3, id)).toEqual([]);
}

/** What the bucket has of the image's bytes: the object, and uploads that are not over. */
async function bytesOf(s3: S3Options, id: string): Promise<unknown[]> {
  const store = new S3Client({ endpoint: testEndpoint!, forcePathStyle: true });
  const [Bucket, Key] = [s3.bucket, `${s3.prefix!}/images/${id}`];
  const head = await store.send(new HeadObjectCommand({ Bucket, Key })).catch(() => undefined);
  const list = new ListMultipartUploadsCommand({ Bucket, Prefix: Key });
  const { Uploads = [] } = await store.send(list);
  store.destroy();
  return [...(head ? [head.ETag] : []), ...Uploads];
}

test("a server that is killed at any request of a creation leaves a name that is free, or one usable image", async () => {
  const servers = await pair();
  await atEachRequest(servers, async (name, kill) => {
    await kill(() => servers.dying.call("POST", "", { name }));
    const again = await servers.other.call("POST", "", { name });
    expect([201, 409]).toContain(again.status);
    const ids = await named(servers.other, name);
    expect(ids).toHaveLength(1);
    await expectUsable(servers, ids[0]!, name);
  });
  // Creations that came to nothing leave nothing behind.
  expect(await servers.otherSweep()).toEqual([]);
  expect(await keysIn(servers.s3, "unsettled/")).toEqual([]);
}, 600_000);

test("a server that is killed at any request of a part URL leaves an image that takes parts", async () => {
  const servers = await pair();
  await atEachRequest(servers, async (name, kill) => {
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
  const servers = await pair();
  await atEachRequest(servers, async (name, kill) => {
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

test.each([
  ["completed", true],
  ["open", false],
])(
  "a server that is killed at any request of the deletion of an image that is %s leaves it whole, or gone with the sweep",
  async (_, isWhole) => {
    const servers = await pair();
    await atEachRequest(servers, async (name, kill) => {
      const id = await servers.other.create(name);
      await servers.other.put(id, 1, part);
      if (isWhole) await servers.other.complete(id, digest);
      await kill(() => servers.dying.call("DELETE", `/${id}`));
      if ((await servers.other.call("GET", `/${id}`)).status === 200) {
        expect(await named(servers.other, name)).toEqual([id]);
        expect((await servers.other.call("DELETE", `/${id}`)).status).toBe(200);
      }
      expect(await servers.otherSweep()).toEqual([]);
      await expectGone(servers, id, name);
      expect((await servers.other.call("POST", "", { name })).status).toBe(201);
      await servers.other.call("DELETE", `/${(await named(servers.other, name))[0]!}`);
    });
  },
  600_000,
);

test("a server that is killed at any request of a sweep leaves what the next one sweeps", async () => {
  const servers = await pair();
  await atEachRequest(servers, async (name, kill) => {
    const id = await servers.other.create(name);
    await servers.other.put(id, 1, part);
    const kept = await servers.other.upload(`${name}-kept`, [part]);
    await kill(servers.dyingSweep);
    expect(await servers.otherSweep()).toEqual([]);
    await expectGone(servers, id, name);
    await expectWhole(servers.other, kept);
    await servers.other.call("DELETE", `/${kept}`);
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
