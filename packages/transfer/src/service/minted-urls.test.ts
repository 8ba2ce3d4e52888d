import { beforeEach, describe, expect, test } from "vitest";
import { planParts, type Part } from "../plan.js";
import { ManualClock, turn } from "../testing/manual-clock.js";
import type { MintedUrl } from "./api.js";
import { MintedUrls } from "./minted-urls.js";

const parts = planParts(200, 10);
const [part] = parts as [Part];
let clock: ManualClock;
let minted: number[];
let lifeSec: number;

beforeEach(() => {
  clock = new ManualClock();
  minted = [];
  lifeSec = 3_600;
});

const mint = async ({ number }: Part): Promise<MintedUrl> => {
  minted.push(number);
  const expiresAtSec = clock.wallMs() / 1000 + lifeSec;
  return { url: `url ${number}, mint ${minted.length}`, expiresAtSec };
};

test("a URL that was minted ahead is used, once", async () => {
  const urls = new MintedUrls(clock, mint);
  urls.ahead(part);

  expect(await urls.take(part)).toBe("url 1, mint 1");
  expect(await urls.take(part)).toBe("url 1, mint 2");
});

test("a URL that nobody asked for ahead is minted", async () => {
  expect(await new MintedUrls(clock, mint).take(part)).toBe("url 1, mint 1");
});

describe("a URL that was minted ahead", () => {
  test.each([
    [29_000, "url 1, mint 2"],
    [31_000, "url 1, mint 1"],
  ])("with %i ms left gives %s", async (leftMs, url) => {
    const urls = new MintedUrls(clock, mint);
    urls.ahead(part);
    await clock.advance(lifeSec * 1000 - leftMs);

    expect(await urls.take(part)).toBe(url);
  });

  test("and could not be is an error of the call that takes it, and of no other", async () => {
    const urls = new MintedUrls(clock, () => Promise.reject(new Error("gone")));
    urls.ahead(part);
    await turn();

    await expect(urls.take(part)).rejects.toThrow("gone");
  });
});

test("a URL that lives for less than the margin is used all the same", async () => {
  lifeSec = 5;

  expect(await new MintedUrls(clock, mint).take(part)).toBe("url 1, mint 1");
});

test("at most 8 calls run at the same time", async () => {
  let underWay = 0;
  let most = 0;
  const urls = new MintedUrls(clock, async (one) => {
    most = Math.max(most, ++underWay);
    await turn();
    underWay--;
    return mint(one);
  });

  for (const one of parts) urls.ahead(one);
  await urls.settled();

  expect(most).toBe(8);
  expect(minted).toHaveLength(20);
});

test("it is settled when no call is running, also after failures", async () => {
  const urls = new MintedUrls(clock, async () => {
    await turn();
    throw new Error("gone");
  });
  urls.ahead(part);

  await expect(urls.settled()).resolves.toBeUndefined();
});
