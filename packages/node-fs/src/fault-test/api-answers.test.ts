import { existsSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { SfcCore } from "@img/core/core.js";
import { HTTPClient } from "@img/core/lib/http.js";
import { ResponseValidationError } from "@img/core/models/errors";
import type { FaultKind } from "@img/local-server";
import { runChild } from "../testing/child.js";
import { fastClock } from "../testing/fast-clock.js";
import { directions, succeeds, transferOf, twoParts } from "../testing/moving.js";
import { partBytes, seededBytes, sha256Of } from "../testing/seeded.js";
import { shortenApiTimeout } from "../testing/short-api-timeout.js";
import { openWorld, type World } from "../testing/world.js";

vi.mock(import("../clock.js"), async () => ({
  systemClock: (await import("../testing/fast-clock.js")).fastClock,
}));

const lostAnswers: readonly (readonly [string, FaultKind])[] = [
  ["reset", { do: "lose-answer", by: "reset" }],
  ["closed", { do: "lose-answer", by: "fin" }],
  ["never there", { do: "lose-answer", by: "silence" }],
  ["a 502", { do: "answer", status: 502, when: "after-work" }],
  ["a 504", { do: "answer", status: 504, when: "after-work" }],
  ["a 500", { do: "answer", status: 500, when: "after-work" }],
  ["not to be read", { do: "answer", status: 201, body: "<html>", when: "after-work" }],
];

// fault A01
test.each(lostAnswers)(
  "create: the answer is %s, the image exists: settled by looking, never a second image",
  async (_, fault) => {
    const world = await openWorld();
    const upload = await transferOf(world, "upload");
    world.server.faults.add({ on: "create", ...fault });
    fastClock.run(20);
    shortenApiTimeout(1_000);
    await succeeds(upload);
    expect(await namesOfAll(world)).toEqual(["image.raw"]);
    // An image that was found by looking is read back before it is called ours.
    expect(world.server.requests.downloadUrl).toBe(2);
  },
);

// fault A01
test("create: the process was killed before the answer: the next run settles it by looking", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "create", do: "lose-answer", by: "silence" });
  const options = JSON.stringify({ stateDir: world.stateDir, partBytes });
  const child = runChild(world, `img.uploadImage("${world.path("image.raw")}", ${options})`);
  await expect.poll(() => namesOfAll(world)).toHaveLength(1);
  await child.kill();
  await succeeds(upload);
  expect(await namesOfAll(world)).toEqual(["image.raw"]);
});

// fault A01
test("create: an image that may be somebody else's is not touched", async () => {
  let aheadMs = 0;
  const world = await openWorld({ clock: () => Date.now() + aheadMs });
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "create", times: Infinity, do: "answer", status: 502 });
  fastClock.run(20);
  await expect(upload.run({ retryBudgetMs: 1_000 })).rejects.toMatchObject({ code: "NO_PROGRESS" });
  world.server.faults.clear();
  aheadMs = 3_600_000;
  const { id } = (await world.api("POST", "", { name: "image.raw" })) as { id: string };

  await expect(upload.run()).rejects.toMatchObject({ code: "NAME_TAKEN", imageId: id });
  expect(await world.api("GET", `/${id}`)).toMatchObject({ upload_status: "started" });
});

// fault A03
test.each(lostAnswers)("complete: the answer is %s: settled by asking", async (_, fault) => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "complete", ...fault });
  fastClock.run(20);
  shortenApiTimeout(1_000);
  await succeeds(upload, { lanes: 1 });
  expect(world.server.requests).toMatchObject({ part: 2, create: 1, complete: 1 });
});

// fault A03
test("complete: 500 and still open: completed again", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "complete", times: 2, do: "answer", status: 500 });
  fastClock.run(20);
  await succeeds(upload);
  expect(world.server.requests.complete).toBe(3);
});

// fault A03
test("complete: done before by a process that was killed: the next run finds it done", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "complete", do: "lose-answer", by: "silence" });
  const options = JSON.stringify({ stateDir: world.stateDir, partBytes });
  const child = runChild(world, `img.uploadImage("${world.path("image.raw")}", ${options})`);
  await expect.poll(() => statuses(world)).toEqual(["completed"]);
  await child.kill();
  await succeeds(upload);
  expect(world.server.requests).toMatchObject({ part: 2, create: 1 });
});

// fault A03
test("complete: completed by somebody else with another digest is an error", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  const sha256 = sha256Of(seededBytes("another", 10));
  const only = once((id) => world.api("POST", `/${id}/complete`, { sha256 }));
  world.server.faults.add({ on: "complete", only, do: "answer", status: 502 });
  fastClock.run(20);
  await expect(upload.run()).rejects.toMatchObject({
    code: "DIGEST_MISMATCH",
    gotSha256: sha256,
  });
});

// fault A06
test.each(directions)(
  "%s: 401 in the middle: the token is asked for once more",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    let asked = 0;
    const client = withToken(world, async () =>
      ++asked === 2 ? "expired-token" : world.server.token,
    );
    await succeeds(transfer, { client });
    expect(asked).toBeGreaterThan(2);
  },
);

// fault A06
test.each(directions)(
  "%s: 401 in the middle, and again: an error, and the next run resumes",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    const on = direction === "upload" ? "partUrl" : "downloadUrl";
    world.server.faults.add({ on, times: Infinity, do: "answer", status: 401 });
    await expect(transfer.run()).rejects.toMatchObject({
      code: "NOT_AUTHORIZED",
      message: expect.stringContaining("get a new one") as string,
    });
    expect(world.server.requests.part + world.server.requests.download).toBe(
      direction === "upload" ? 0 : 1, // the one that made the image
    );
    world.server.faults.clear();
    await succeeds(transfer);
  },
);

// fault A07
test("upload: the image is deleted in the middle: gone, and started over where the caller says so", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  const only = once((id) => world.api("DELETE", `/${id}`));
  world.server.faults.add({ on: "part", only, do: "reset", afterBytes: 100 });
  fastClock.run(20);
  await expect(upload.run()).rejects.toMatchObject({ code: "IMAGE_GONE" });
  await expect(upload.run()).rejects.toMatchObject({ code: "IMAGE_GONE" });
  await succeeds(upload, { ifImageGone: "restart" });
});

// fault A07
test("download: the image is deleted in the middle: gone", async () => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  const only = once((id) => world.api("DELETE", `/${id}`));
  world.server.faults.add({ on: "download", only, do: "reset", afterBytes: 100 });
  fastClock.run(20);
  await expect(download.run()).rejects.toMatchObject({ code: "IMAGE_GONE" });
  await expect(download.run()).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
  expect(existsSync(world.path("target.raw"))).toBe(false);
});

test("upload: the image fails in the middle: said so, or started over", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "partUrl", nth: 2, do: "mark-failed" });
  await expect(upload.run()).rejects.toMatchObject({ code: "IMAGE_FAILED" });
  await expect(upload.run()).rejects.toMatchObject({ code: "IMAGE_FAILED" });
  await succeeds(upload, { ifImageGone: "restart" });
});

// fault A08
test.each(directions)(
  "%s: an unknown upload_status and unknown fields are accepted",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    const more = { shelf: { row: 3 }, tags: ["a"] };
    for (const on of ["create", "get", "complete"] as const) {
      const json = { ...more, upload_status: "hatching" };
      world.server.faults.add({ on, times: Infinity, do: "edit", json });
    }
    for (const on of ["list", "partUrl", "downloadUrl"] as const) {
      world.server.faults.add({ on, times: Infinity, do: "edit", json: more });
    }
    await succeeds(transfer);
  },
);

const small = seededBytes("small", 100_000);

const nonsense = [
  ["HTML", "<!doctype html><p>Sign in</p>"],
  ["an empty body", ""],
  ["cut JSON", '{"url":"http'],
  ["wrong types", '{"url":7,"expires_at":"soon","size":-1,"sha256":[]}'],
  ["null", "null"],
  ["__proto__ keys", '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'],
  ["nesting of 10^5", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
] as const;

// fault A09
test.each(directions.flatMap((direction) => nonsense.map((row) => [direction, ...row] as const)))(
  "%s: %s as the answer: ResponseValidationError, no pollution, no overflow",
  async (direction, _, body) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, small);
    const on = direction === "upload" ? "partUrl" : "downloadUrl";
    const headers = { "Content-Type": "application/json" };
    const answer = { do: "answer", status: 200, body, headers } as const;
    world.server.faults.add({ on, times: Infinity, ...answer });
    fastClock.run(100);
    await expect(transfer.run()).rejects.toMatchObject({
      code: "API_REFUSED",
      cause: expect.any(ResponseValidationError) as Error,
    });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    world.server.faults.clear();
    await succeeds(transfer);
  },
);

// fault A09
test.each(directions)(
  "%s: an answer that cannot be read, once, is asked for again",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, small);
    const on = direction === "upload" ? "partUrl" : "downloadUrl";
    world.server.faults.add({ on, do: "answer", status: 200, body: "<html>" });
    fastClock.run(20);
    await succeeds(transfer);
  },
);

// fault A10
test.each(
  directions.flatMap((direction) =>
    [
      ["file:", "file:///etc/passwd"],
      ["user info", "http://user:pass@127.0.0.1/objects"],
      ["javascript:", "javascript:alert(1)"],
      ["no URL at all", "over there"],
    ].map(([what, url]) => [direction, what, url] as const),
  ),
)("%s: a URL with %s ends it before a byte is sent", async (direction, _, url) => {
  const world = await openWorld();
  const transfer = await transferOf(world, direction, small);
  const on = direction === "upload" ? "partUrl" : "downloadUrl";
  world.server.faults.add({ on, times: Infinity, do: "edit", json: { url } });
  fastClock.run(20);
  await expect(transfer.run()).rejects.toMatchObject({
    code: expect.stringMatching(/UNSAFE_URL|API_REFUSED/) as string,
  });
  expect(world.proxy.accepted).toBe(0);
});

// fault A10
test.each(directions)(
  "%s: an http: URL from an https: API ends it before a byte is sent",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, small);
    const serverURL = world.server.url.replace("http:", "https:");
    const fetcher = async (input: string | URL | Request): Promise<Response> => {
      const request = input as Request;
      return fetch(new Request(request.url.replace("https:", "http:"), request));
    };
    const client = new SfcCore({
      serverURL,
      bearerAuth: world.server.token,
      httpClient: new HTTPClient({ fetcher }),
    });
    await expect(transfer.run({ client })).rejects.toMatchObject({ code: "UNSAFE_URL" });
    expect(world.proxy.accepted).toBe(0);
  },
);

// fault A11
test.each([-1, 1])("download: size lies by %i byte", async (by) => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  const json = { size: twoParts.length + by };
  world.server.faults.add({ on: "downloadUrl", times: Infinity, do: "edit", json });
  await expect(download.run()).rejects.toMatchObject({ code: "IMAGE_CHANGED" });
  expect(existsSync(world.path("target.raw"))).toBe(false);
});

// fault A11
test("download: size lies, and the store ignores ranges: no wrong byte gets the target's name", async () => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  const json = { size: twoParts.length - 1 };
  world.server.faults.add({ on: "downloadUrl", times: Infinity, do: "edit", json });
  world.server.faults.add({ on: "download", times: Infinity, do: "ignore-range" });
  fastClock.run(20);
  await expect(download.run()).rejects.toMatchObject({
    code: expect.stringMatching(/PART_REFUSED|IMAGE_CHANGED|DIGEST_MISMATCH/) as string,
  });
  expect(existsSync(world.path("target.raw"))).toBe(false);
});

// fault A13
test("download: sha256 null: the digest is not checked, and that is said", async () => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  world.server.faults.add({
    on: "downloadUrl",
    times: Infinity,
    do: "edit",
    json: { sha256: null },
  });
  expect(await succeeds(download)).toMatchObject({ verified: false, sha256: download.sha256 });
});

// fault A13
test("download: sha256 in upper case is accepted", async () => {
  const world = await openWorld();
  const download = await transferOf(world, "download", small);
  const json = { sha256: download.sha256.toUpperCase() };
  world.server.faults.add({ on: "downloadUrl", times: Infinity, do: "edit", json });
  expect(await succeeds(download)).toMatchObject({ verified: true });
});

/** Which of the two it is depends on who is asked first: the store knows no upload any more, or the API no image. */

/** For the `only` of a fault: does something when the first request comes, and lets the fault strike. */
function once(work: (id: string) => Promise<unknown>): (request: { readonly id: string }) => true {
  let working: Promise<unknown> | null = null;
  return ({ id }) => {
    working ??= work(id);
    return true;
  };
}

const withToken = (world: World, bearerAuth: () => Promise<string>): SfcCore =>
  new SfcCore({ serverURL: world.server.url, bearerAuth });

async function namesOfAll(world: World): Promise<readonly string[]> {
  const { data } = (await world.api("GET", "?include_deleted=true")) as {
    data: readonly { readonly name: string }[];
  };
  return data.map(({ name }) => name);
}

async function statuses(world: World): Promise<readonly string[]> {
  const { data } = (await world.api("GET", "")) as {
    data: readonly { readonly upload_status: string }[];
  };
  return data.map(({ upload_status }) => upload_status);
}
