import fc from "fast-check";
import { expect, test } from "vitest";
import { Sfc } from "@img/core";
import {
  BadRequestError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  UnauthorizedError,
} from "@img/core/models/errors";
import { bytesFrom, serve, sha256 } from "../testing/real-server.js";
import type { Client } from "../testing/real-server.js";

const part = bytesFrom("part", 1000);
const digest = sha256(part);

const accounts = [
  { name: "mine", token: "mine-token" },
  { name: "public", token: "public-token", isPublic: true },
];

/** The errors that the contract declares for each operation. */
const declared = {
  list: [BadRequestError, UnauthorizedError],
  startUpload: [BadRequestError, UnauthorizedError, ForbiddenError, ConflictError],
  fetch: [UnauthorizedError, NotFoundError],
  delete: [UnauthorizedError, NotFoundError, ConflictError],
  uploadPart: [BadRequestError, UnauthorizedError, ForbiddenError, NotFoundError],
  completeUpload: [BadRequestError, UnauthorizedError, ForbiddenError, NotFoundError],
  download: [UnauthorizedError, NotFoundError, ConflictError],
  revoke: [UnauthorizedError, NotFoundError, ConflictError],
  reinstate: [UnauthorizedError, NotFoundError, ConflictError],
};

type Step =
  | { do: "list"; limit: number; includeDeleted: boolean }
  | { do: "startUpload"; name: string }
  | { do: OnOneImage | "uploadPart" | "put"; image: number }
  | { do: "completeUpload"; image: number; sha256: string };

type OnOneImage = "fetch" | "delete" | "download" | "revoke" | "reinstate";
type Version = "v2" | "preview";

const image = fc.nat(4);
const stepOf = (calls: readonly (OnOneImage | "uploadPart" | "put")[]): fc.Arbitrary<Step> =>
  fc.oneof(
    fc.record({
      do: fc.constant("list" as const),
      limit: fc.integer({ min: 1, max: 3 }),
      includeDeleted: fc.boolean(),
    }),
    fc.record({
      do: fc.constant("startUpload" as const),
      name: fc.oneof(
        fc.constantFrom("a", "b"),
        fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,254}$/),
      ),
    }),
    fc.record({
      do: fc.constantFrom(...calls),
      image,
    }),
    fc.record({
      do: fc.constant("completeUpload" as const),
      image,
      sha256: fc.constantFrom(digest, "0".repeat(64)),
    }),
  );

const inBoth = ["fetch", "delete", "uploadPart", "download", "put", "put"] as const;
const steps: Readonly<Record<Version, fc.Arbitrary<Step>>> = {
  v2: stepOf(inBoth),
  preview: stepOf([...inBoth, "revoke", "reinstate"]),
};

/** Makes core's client, which refuses answers that do not follow the contract. */
const sdkFor = (client: Client, account: Account, apiVersion: Version) =>
  new Sfc({
    serverURL: client.url,
    bearerAuth: `${account}-token`,
    retryConfig: { strategy: "none" },
    apiVersion,
    workspace: apiVersion === "preview" ? `sfc:workspace:${account}:default` : undefined,
  });

async function take(taken: Step, sdk: Sfc, ids: string[]): Promise<void> {
  const { apiVersion } = sdk;
  const id = "image" in taken ? (ids[taken.image] ?? "image_unknown") : "";
  switch (taken.do) {
    case "list": {
      const { limit, includeDeleted } = taken;
      const request = apiVersion === "v2" ? { limit, includeDeleted } : { limit };
      for await (const { result } of await sdk.images.list(request)) {
        expect(result.data.length).toBeLessThanOrEqual(limit);
      }
      return;
    }
    case "startUpload":
      ids.push((await sdk.images.startUpload({ name: taken.name })).id);
      return;
    case "put": {
      const { url } = await sdk.images.uploadPart({ id, body: { partId: 1 } });
      await fetch(url, { method: "PUT", body: part });
      return;
    }
    case "uploadPart":
      await sdk.images.uploadPart({ id, body: { partId: 1 + taken.image } });
      return;
    case "completeUpload":
      await sdk.images.completeUpload({ id, body: { sha256: taken.sha256 } });
      return;
    default:
      await sdk.images[taken.do]({ id });
  }
}

/** Whether the contract declares this error. Preview may answer any call with 403; in `v2` three calls may. */
function isDeclared(taken: Step, version: Version, error: unknown): boolean {
  if (version === "preview" && error instanceof ForbiddenError) return true;
  return declared[taken.do === "put" ? "uploadPart" : taken.do].some((one) => error instanceof one);
}

// IMG_TEST_RUNS=500 runs longer.
const numRuns = Number(process.env["IMG_TEST_RUNS"] ?? 15);

type Account = "mine" | "public";

/** Makes calls of both accounts. */
const callsIn = (version: Version) =>
  fc.record({
    version: fc.constant(version),
    taken: steps[version],
    account: fc.constantFrom<Account>("mine", "public"),
  });

test.each([
  ["in v2", callsIn("v2")],
  ["in preview", callsIn("preview")],
  ["in both versions by turns, on the same images", fc.oneof(callsIn("v2"), callsIn("preview"))],
])(
  "whatever is called in whatever order %s, each answer is one that the client's side of the contract takes",
  async (_, calls) => {
    const client = await serve({ accounts });
    await fc.assert(
      fc.asyncProperty(fc.array(calls, { maxLength: 12 }), async (all) => {
        const ids: string[] = [];
        for (const { version, taken, account } of all) {
          await take(taken, sdkFor(client, account, version), ids).catch((error: unknown) => {
            if (!isDeclared(taken, version, error)) throw error;
          });
        }
        for (const id of ids) await client.as("mine-token").call("DELETE", `/${id}`);
        for (const id of ids) await client.as("public-token").call("DELETE", `/${id}`);
      }),
      { numRuns, seed: 20_260_701 },
    );
  },
  120_000,
);

/** Makes a client of the bare contract: `fetch`, JSON, and the headers that the vendor's SDK sends. */
function plainClient({ url, token }: Client) {
  const headers = {
    Accept: "application/json",
    Authorization: `Bearer ${token}`,
    "user-agent": "speakeasy-sdk/typescript 0.1.0 2.700.0 1.0.0 @vendor/sdk",
  };
  return async (method: string, path: string, body?: unknown): Promise<[number, unknown]> => {
    const reply = await fetch(`${url}/v2/images${path}`, {
      method,
      headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return [reply.status, await reply.json()];
  };
}

test("a client that knows the contract alone uploads, looks, downloads and deletes, the same on both stores", async () => {
  const call = plainClient(await serve());
  const entry = {
    object: "image",
    id: expect.stringMatching(/^image_/) as string,
    name: "vm.img",
    created_at: expect.any(Number) as number,
  };
  const [created, started] = await call("POST", "", { name: "vm.img" });
  expect([created, started]).toEqual([201, { ...entry, upload_status: "started", sha256: null }]);
  const { id } = started as { id: string };
  const [, minted] = await call("POST", `/${id}/parts`, { part_id: 1 });
  expect(minted).toEqual({
    url: expect.stringMatching(/^http/) as string,
    expires_at: expect.any(Number) as number,
  });
  const put = await fetch((minted as { url: string }).url, { method: "PUT", body: part });
  expect([put.status, put.headers.get("etag")]).toEqual([
    200,
    expect.stringMatching(/^"[0-9a-f]{32}"$/),
  ]);
  const completed = { ...entry, upload_status: "completed", sha256: digest };
  expect(await call("POST", `/${id}/complete`, { sha256: digest })).toEqual([200, completed]);
  expect(await call("GET", `/${id}`)).toEqual([200, completed]);
  const [, download] = await call("GET", `/${id}/download`);
  expect(download).toMatchObject({ sha256: digest, size: part.length });
  const got = await fetch((download as { url: string }).url);
  expect(Buffer.from(await got.arrayBuffer()).equals(part)).toBe(true);
  const list = { object: "list", cursor: null, has_more: false };
  expect(await call("GET", "?limit=1")).toEqual([200, { ...list, data: [completed] }]);
  const deleted = { object: "image", deleted: true, name: "vm.img" };
  expect(await call("DELETE", `/${id}`)).toEqual([200, deleted]);
  expect(await call("GET", "")).toEqual([200, { ...list, data: [] }]);
  expect((await call("DELETE", `/${id}`))[0]).toBe(404);
});
