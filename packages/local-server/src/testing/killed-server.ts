import { HeadObjectCommand, ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, onTestFinished } from "vitest";
import { openS3Store } from "../s3/open-s3-store.js";
import { resolveS3 } from "../s3/options.js";
import type { S3Options } from "../s3/options.js";
import type { S3Store } from "../s3/s3-store.js";
import { bytesFrom, serve, sha256 } from "./real-server.js";
import type { Client } from "./real-server.js";
import { storeProxy } from "./store-proxy.js";
import type { Fate } from "./store-proxy.js";
import { bucketOptions, testEndpoint } from "./test-bucket.js";

export const part: Buffer = bytesFrom("part", 1000);
export const digest: string = sha256(part);
const EIGHT_DAYS_MS = 8 * 86_400_000;

/** Two servers on one bucket, of which one can be killed at any request to the store, again and again. */
export interface Pair {
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

/**
 * Kills at each request, before and after it, until the work needs no further one. Both on servers of their own, at the
 * same time: most of it is waiting for the store.
 *
 * @returns The servers that were killed.
 */
export async function atEachRequest(
  work: (
    servers: Pair,
    name: string,
    kill: (work: () => Promise<unknown>) => Promise<void>,
  ) => Promise<void>,
): Promise<readonly Pair[]> {
  const both = [await pair(), await pair()] as const;
  const killEach = async (servers: Pair, how: "die-before" | "die-after"): Promise<void> => {
    const killed: boolean[] = [];
    do {
      const n = killed.length + 1;
      await work(servers, `${how}-${n}`, async (victim) => {
        killed.push(await servers.killedAt(n, how, victim));
      });
    } while (killed.at(-1));
    expect(killed.length).toBeGreaterThan(1);
  };
  await Promise.all([killEach(both[0], "die-before"), killEach(both[1], "die-after")]);
  return both;
}

export async function named(client: Client, name: string): Promise<string[]> {
  const { json } = await client.call("GET", "?limit=200");
  return json.data.filter((image) => image.name === name).map(({ id }) => id);
}

/** The image is whole on both servers, and then goes with all that belongs to it. */
export async function expectUsable(
  { dying, other, s3 }: Pair,
  id: string,
  name: string,
): Promise<void> {
  expect((await other.put(id, 1, part)).status).toBe(200);
  expect((await other.complete(id, digest)).status).toBe(200);
  await expectWhole(dying, id);
  expect((await other.call("DELETE", `/${id}`)).status).toBe(200);
  await expectGone({ dying, other, s3 }, id, name);
}

export async function expectWhole(client: Client, id: string): Promise<void> {
  expect(await client.status(id)).toBe("completed");
  expect((await client.download(id)).body.equals(part)).toBe(true);
}

export async function expectGone(
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
