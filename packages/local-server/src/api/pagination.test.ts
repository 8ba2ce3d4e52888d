import { expect, test } from "vitest";
import { cursorPattern } from "@img/core/wire";
import { bytesFrom, expectError, serve } from "../testing/real-server.js";
import type { Client, Reply } from "../testing/real-server.js";

const accounts = [
  { name: "mine", token: "my-token" },
  { name: "public", token: "public-token", isPublic: true },
];

const names = (reply: Reply): string[] => reply.json.data.map((image) => image.name);

async function withImages(count: number): Promise<Client> {
  const client = await serve();
  for (let n = 0; n < count; n++) await client.create(`n${n}`);
  return client;
}

test("a list is newest first, the account's own, without deleted ones unless asked", async () => {
  const client = await serve({ accounts });
  await client.create("a");
  const gone = await client.create("b");
  await client.create("c");
  await client.as("public-token").upload("other", [bytesFrom("x", 10)]);
  await client.call("DELETE", `/${gone}`);
  const list = await client.call("GET", "");
  expect(list.json).toMatchObject({ object: "list", has_more: false, cursor: null });
  expect(names(list)).toEqual(["c", "a"]);
  expect(names(await client.call("GET", "?include_deleted=true"))).toEqual(["c", "b", "a"]);
  expect(names(await client.call("GET", "?include_deleted=false"))).toEqual(["c", "a"]);
});

test("a list continues from its cursor until there is no more", async () => {
  const client = await withImages(5);
  const first = await client.call("GET", "?limit=2");
  expect(first.json.has_more).toBe(true);
  expect(first.json.cursor).toMatch(cursorPattern);
  const second = await client.call("GET", `?limit=2&starting_after=${first.json.cursor!}`);
  const third = await client.call("GET", `?limit=2&starting_after=${second.json.cursor!}`);
  expect([first, second, third].map(names)).toEqual([["n4", "n3"], ["n2", "n1"], ["n0"]]);
  expect(third.json).toMatchObject({ has_more: false, cursor: null });
});

test("a list can go back from a cursor, and list between two", async () => {
  const client = await withImages(6);
  const cursorAfter = async (limit: number) =>
    (await client.call("GET", `?limit=${limit}`)).json.cursor!;
  const [n4, n1] = [await cursorAfter(2), await cursorAfter(5)];
  const back = await client.call("GET", `?limit=2&ending_before=${n1}`);
  expect(names(back)).toEqual(["n3", "n2"]);
  expect(back.json.has_more).toBe(true);
  const between = await client.call("GET", `?starting_after=${n4}&ending_before=${n1}`);
  expect(names(between)).toEqual(["n3", "n2"]);
  expect(between.json).toMatchObject({ has_more: false, cursor: null });
});

test("a cursor stays valid after its image was deleted, and newer images are not in the next page", async () => {
  const client = await withImages(3);
  const first = await client.call("GET", "?limit=1");
  await client.call("DELETE", `/${first.json.data[0]!.id}`);
  await client.create("later");
  const next = await client.call("GET", `?limit=1&starting_after=${first.json.cursor!}`);
  expect(names(next)).toEqual(["n1"]);
});

test.each(["imagec_nope", `imagec_${"0".repeat(20)}`, `imagec_${"a".repeat(26)}`, "imagec_a1"])(
  "a cursor that no list has answered is a 400: %s",
  async (cursor) => {
    const client = await withImages(1);
    for (const field of ["starting_after", "ending_before"]) {
      expectError(await client.call("GET", `?${field}=${cursor}`), 400);
    }
  },
);

test("a list is in the order of creation when the clock goes back", async () => {
  let nowMs = 1_700_000_000_000;
  const client = await serve({ clock: () => nowMs });
  await client.create("a");
  nowMs -= 86_400_000;
  await client.create("b");
  const list = await client.call("GET", "");
  expect(names(list)).toEqual(["b", "a"]);
  expect(list.json.data[0]!.created_at).toBe(1_699_913_600);
});
