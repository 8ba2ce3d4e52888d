import { expect, test } from "vitest";
import type { ListPage, ListQuery } from "../images/image-list.js";
import { DEFAULT_WORKSPACE } from "../images/workspace.js";
import { countedStore } from "../testing/counted-store.js";

const workspace = { account: "default", workspace: DEFAULT_WORKSPACE };
const anyImage: ListQuery = {
  limit: 50,
  includeDeleted: false,
  publicOnly: false,
  ids: undefined,
  startingAfter: undefined,
  endingBefore: undefined,
};

/** Returns the names of 50 images, from the nth down. */
const namesDownFrom = (n: number): readonly string[] =>
  Array.from({ length: 50 }, (_, index) => `image-${n - index}`);

/** Counts the requests to the store that each call needs with this many images. */
async function requestsOf(images: number): Promise<Readonly<Record<string, number>>> {
  const { store, requests, cursorAt } = await countedStore(workspace, images);
  const counts: Record<string, number> = {};
  const counted = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    const before = requests();
    const result = await run();
    counts[what] = requests() - before;
    return result;
  };
  const listed = async (what: string, query: Partial<ListQuery>, newest: number) => {
    const page = await counted(what, () => store.list([workspace], { ...anyImage, ...query }));
    expect(page.images.map(({ name }) => name)).toEqual(namesDownFrom(newest));
  };
  const middle = images / 2;
  await listed("list", {}, images - 1);
  await listed("list with deleted ones", { includeDeleted: true }, images - 1);
  await listed("next page", { startingAfter: cursorAt(middle) }, middle - 1);
  await listed("page back", { endingBefore: cursorAt(middle) }, middle + 50);
  const guard = (image: ListPage["images"][number] | undefined) => image!;
  const { id } = await counted("create", () => store.create(workspace, "new"));
  await counted("get", () => store.find(id));
  await counted("get by name", () => store.findNamed(workspace, "new"));
  await counted("first part URL", () => store.partUrl(id, 1, "", guard));
  await counted("part URL", () => store.partUrl(id, 2, "", guard));
  return counts;
}

/** It searches for a span of time with as many images as one request lists. */
const aroundAPage = expect.toSatisfy((requests: number) => requests <= 80) as unknown;

test("calls take as many requests of the store, however many images there are", async () => {
  const few = await requestsOf(2000);
  expect(few).toEqual({
    list: 65,
    "list with deleted ones": 66,
    "next page": 65,
    "page back": aroundAPage,
    create: 7,
    get: 1,
    "get by name": 2,
    "first part URL": 4,
    "part URL": 1,
  });
  const many = await requestsOf(20_000);
  expect(many).toEqual({ ...few, "page back": aroundAPage });
});
