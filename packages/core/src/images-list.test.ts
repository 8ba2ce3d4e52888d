import { describe, expect, test } from "vitest";
import { HTTPClient, Sfc } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { imagesListPage } from "@img/core/funcs/images-list-page.js";
import { imagesList } from "@img/core/funcs/images-list.js";
import * as errors from "@img/core/models/errors";

type Page = { names: string[]; cursor?: string | null; has_more?: boolean } | { status: number };

/** A service that has these pages, by `starting_after`. */
function service(pages: Record<string, Page>) {
  const queries: string[] = [];
  const fetcher = async (input: string | URL | Request) => {
    const { search, searchParams } = new URL((input as Request).url);
    queries.push(search);
    const page = pages[searchParams.get("starting_after") ?? ""]!;
    if ("status" in page) return Response.json({}, { status: page.status });
    const data = page.names.map((name) => ({
      object: "image",
      id: `image_${name}`,
      name,
      upload_status: "completed",
      created_at: 1,
    }));
    const cursor = page.cursor ?? null;
    return Response.json({
      object: "list",
      has_more: page.has_more ?? cursor !== null,
      cursor,
      data,
    });
  };
  const options = { serverURL: "https://api.example.com", httpClient: new HTTPClient({ fetcher }) };
  return { queries, core: new SfcCore(options), sfc: new Sfc(options) };
}

const three = {
  "": { names: ["f", "e"], cursor: "imagec_2" },
  imagec_2: { names: ["d", "c"], cursor: "imagec_3" },
  imagec_3: { names: ["b"] },
};

async function namesOf(
  pages: AsyncIterable<{ result: { data: { name: string }[] } }>,
): Promise<string[]> {
  const names: string[] = [];
  for await (const page of pages) names.push(...page.result.data.map(({ name }) => name));
  return names;
}

test("one page is asked for alone, with the cursor of the next", async () => {
  const { core, queries } = service(three);
  const { value } = await imagesListPage(core, { limit: 2 });
  expect(value?.data.map(({ name }) => name)).toEqual(["f", "e"]);
  expect(value).toMatchObject({ cursor: "imagec_2", hasMore: true });
  expect(queries).toEqual(["?limit=2"]);
});

describe("the method's page", () => {
  test("iterates over itself and every page after it", async () => {
    const { sfc, queries } = service(three);
    expect(await namesOf(await sfc.images.list({ limit: 2, includeDeleted: false }))).toEqual([
      "f",
      "e",
      "d",
      "c",
      "b",
    ]);
    expect(queries).toEqual([
      "?limit=2&include_deleted=false",
      "?limit=2&starting_after=imagec_2&include_deleted=false",
      "?limit=2&starting_after=imagec_3&include_deleted=false",
    ]);
  });

  test("can be iterated again, and asks for no page before it is wanted", async () => {
    const { sfc, queries } = service(three);
    const page = await sfc.images.list();
    for await (const { result } of page) {
      expect(result.data[0]?.name).toBe("f");
      break;
    }
    expect(queries).toEqual([""]);
    expect(await namesOf(page)).toHaveLength(5);
  });

  test("has next(), null after the last", async () => {
    const { sfc } = service(three);
    const first = await sfc.images.list();
    expect(first["~next"]).toEqual({ cursor: "imagec_2" });
    const second = await first.next();
    const third = await second?.next();
    expect(third?.result.data.map(({ name }) => name)).toEqual(["b"]);
    expect(third?.next()).toBeNull();
  });

  test("yields pages of nothing but their result", async () => {
    const { sfc } = service({ "": { names: [] } });
    for await (const page of await sfc.images.list()) {
      expect(page).toEqual({ result: { object: "list", hasMore: false, cursor: null, data: [] } });
    }
  });

  test("keeps endingBefore on every page: what lies between", async () => {
    const { sfc, queries } = service(three);
    await namesOf(await sfc.images.list({ endingBefore: "imagec_9" }));
    expect(queries[1]).toBe("?starting_after=imagec_2&ending_before=imagec_9");
  });

  test("throws where a later page fails", async () => {
    const { sfc } = service({ ...three, imagec_3: { status: 503 } });
    const page = await sfc.images.list();
    await expect(namesOf(page)).rejects.toBeInstanceOf(errors.SfcDefaultError);
    await expect((await page.next())?.next()).rejects.toMatchObject({ statusCode: 503 });
  });

  test.each([
    { cursor: "imagec_2", has_more: false },
    { cursor: "", has_more: false },
    { cursor: "", has_more: true },
    { cursor: null, has_more: true },
  ])("is the last with %j", async (end) => {
    const { sfc } = service({ "": { names: ["a"], ...end } });
    const page = await sfc.images.list();
    expect(page.next()).toBeNull();
    expect(await namesOf(page)).toEqual(["a"]);
  });
});

describe("the function's page", () => {
  test("iterates over results", async () => {
    const { core } = service(three);
    const names: string[] = [];
    for await (const page of await imagesList(core)) {
      if (page.ok) names.push(...page.value.result.data.map(({ name }) => name));
    }
    expect(names).toEqual(["f", "e", "d", "c", "b"]);
  });

  test("has a value that iterates over pages, as the vendor's documentation does it", async () => {
    const { core } = service(three);
    const listed = await imagesList(core);
    expect(listed.ok && (await namesOf(listed.value))).toEqual(["f", "e", "d", "c", "b"]);
  });

  test("ends with the error, which is not thrown", async () => {
    const { core } = service({ ...three, imagec_2: { status: 503 } });
    const seen: boolean[] = [];
    for await (const page of await imagesList(core)) seen.push(page.ok);
    expect(seen).toEqual([true, false]);
  });

  test("that fails has no next, and iterates over itself", async () => {
    const { core } = service({ "": { status: 503 } });
    const listed = await imagesList(core);
    expect(listed.ok).toBe(false);
    expect(listed.next()).toBeNull();
    const seen: unknown[] = [];
    for await (const page of listed) seen.push(page.error);
    expect(seen).toEqual([listed.error]);
  });

  test("whose cursor leads back to itself is an error, not an endless list", async () => {
    const { core } = service({ ...three, imagec_2: { names: ["x"], cursor: "imagec_2" } });
    const seen: unknown[] = [];
    for await (const page of await imagesList(core)) seen.push(page.error ?? "page");
    expect(seen).toEqual(["page", expect.any(errors.ResponseValidationError)]);
    expect(String(seen[1])).toContain("cursor: expected one that leads on, got the page's own");
  });
});

describe("before a byte is sent", () => {
  test.each([
    [{ limit: 0 }, "limit: expected a whole number from 1 to 200, got 0"],
    [{ limit: 201 }, "limit: expected a whole number from 1 to 200, got 201"],
    [{ limit: 1.5 }, "limit: expected a whole number from 1 to 200, got 1.5"],
    [{ limit: "5" }, 'limit: expected a whole number from 1 to 200, got "5"'],
    [{ limit: null }, "limit: expected a whole number from 1 to 200, got null"],
    [
      { startingAfter: "page2" },
      'startingAfter: expected "imagec_" and then [A-Za-z0-9_-], got "page2"',
    ],
    [
      { endingBefore: "imagec_" },
      'endingBefore: expected "imagec_" and then [A-Za-z0-9_-], got "imagec_"',
    ],
    [{ includeDeleted: "yes" }, 'includeDeleted: expected true or false, got "yes"'],
    ["all", 'the value: expected an object, got "all"'],
    [[], "the value: expected an object, got an array"],
  ])("%j is an SDKValidationError", async (request, message) => {
    const { core, sfc, queries } = service(three);
    const { error } = await imagesList(core, request as object);
    expect(error).toBeInstanceOf(errors.SDKValidationError);
    expect(error).toMatchObject({
      message: `Input validation failed: ${message}`,
      rawValue: request,
    });
    await expect(sfc.images.list(request as object)).rejects.toBeInstanceOf(
      errors.SDKValidationError,
    );
    expect(queries).toEqual([]);
  });

  test.each([
    { limit: 1 },
    { limit: 200 },
    { limit: undefined },
    { startingAfter: "imagec_3", endingBefore: "imagec_-_" },
  ])("%j is fine", async (request) => {
    expect((await imagesList(service(three).core, request)).ok).toBe(true);
  });
});
