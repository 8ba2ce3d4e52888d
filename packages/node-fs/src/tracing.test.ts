import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, tracingChannel, unsubscribe } from "node:diagnostics_channel";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { partBytes, seededBytes } from "./testing/seeded.js";
import { openWorld, type World } from "./testing/world.js";
import { tracedTransfer } from "./tracing.js";

type Moment = "start" | "end" | "asyncStart" | "asyncEnd" | "error";

/** Everything that a channel publishes until the test ends, in its order. */
function published(name: "img:transfer" | "img:part" | "img:call"): {
  readonly moment: Moment;
  readonly trace: Readonly<Record<string, unknown>>;
}[] {
  const seen: ReturnType<typeof published> = [];
  for (const moment of ["start", "end", "asyncStart", "asyncEnd", "error"] as const) {
    const channel = `tracing:${name}:${moment}`;
    const listener = (trace: unknown): void =>
      void seen.push({ moment, trace: trace as Record<string, unknown> });
    subscribe(channel, listener);
    onTestFinished(() => void unsubscribe(channel, listener));
  }
  return seen;
}

let world: World;
let path: string;

beforeEach(async () => {
  world = await openWorld();
  path = await world.file("disk.img", seededBytes("traced", 2 * partBytes + 1_000));
});

test("an upload is published from its start to its end, with its name", async () => {
  const seen = published("img:transfer");

  await world.upload(path, { name: "debian" });

  expect(seen.map(({ moment }) => moment)).toEqual(["start", "end", "asyncStart", "asyncEnd"]);
  expect(seen.at(-1)?.trace).toEqual({ operation: "upload", image: "debian", result: undefined });
});

test("a download and a verification are published by what they were asked for", async () => {
  await world.upload(path);
  const seen = published("img:transfer");

  await world.download("disk.img", world.path("copy.img"));
  await world.verify(path, "disk.img");

  const begun = seen.filter(({ moment }) => moment === "start").map(({ trace }) => trace);
  expect(begun).toMatchObject([
    { operation: "download", image: "disk.img" },
    { operation: "verify", image: "disk.img" },
  ]);
});

test("a transfer that fails is published with its error", async () => {
  const seen = published("img:transfer");

  await expect(world.download("nothing", world.path("copy.img"))).rejects.toThrow();

  const failed = seen.find(({ moment }) => moment === "error");
  expect(failed?.trace["error"]).toMatchObject({ code: "IMAGE_NOT_FOUND" });
});

test("each part is published with its number and direction", async () => {
  const seen = published("img:part");

  await world.upload(path);
  await world.download("disk.img", world.path("copy.img"));

  const ended = seen.filter(({ moment }) => moment === "asyncEnd").map(({ trace }) => trace);
  const numbers = (direction: string): unknown[] =>
    ended
      .filter((trace) => trace["direction"] === direction)
      .map((trace) => trace["part"])
      .sort();
  expect(numbers("up")).toEqual([1, 2, 3]);
  expect(numbers("down")).toEqual([1, 2, 3]);
});

describe("a call of the API is published", () => {
  test("with what it is for, and without what it was answered", async () => {
    const seen = published("img:call");

    await world.upload(path);

    const ended = seen.filter(({ moment }) => moment === "asyncEnd").map(({ trace }) => trace);
    expect(ended.map((trace) => trace["call"])).toContain("get a URL for part 1");
    expect(new Set(ended.map((trace) => trace["result"]))).toEqual(new Set([undefined]));
    for (const { trace } of seen) world.look("img:call", trace);
  });

  test("as failed, where the answer is an error", async () => {
    const seen = published("img:call");

    await expect(world.download("image_nothing", world.path("copy.img"))).rejects.toThrow();

    const failed = seen.filter(({ moment }) => moment === "error").map(({ trace }) => trace);
    expect(failed).toMatchObject([{ call: "look the image up", error: { statusCode: 404 } }]);
    for (const trace of failed) world.look("img:call", trace);
  });
});

test("parts and calls run in the context that a subscriber binds to their transfer", async () => {
  const storage = new AsyncLocalStorage<string>();
  const { start } = tracingChannel("img:transfer");
  start.bindStore(storage, () => "this transfer");
  onTestFinished(() => void start.unbindStore(storage));
  const contexts = new Set<string | undefined>();
  for (const name of ["tracing:img:part:start", "tracing:img:call:start"]) {
    const listener = (): void => void contexts.add(storage.getStore());
    subscribe(name, listener);
    onTestFinished(() => void unsubscribe(name, listener));
  }

  await world.upload(path);

  expect(contexts).toEqual(new Set(["this transfer"]));
});

test("without a subscriber the work is run as it is", () => {
  const work = Promise.resolve();

  expect(tracedTransfer({ operation: "upload", image: "a" }, () => work)).toBe(work);
});
