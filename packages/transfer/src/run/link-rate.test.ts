import { expect, test } from "vitest";
import { ManualClock } from "../testing/manual-clock.js";
import { LinkRate } from "./link-rate.js";

class Seen {
  readonly clock: ManualClock = new ManualClock();
  readonly rate: LinkRate = new LinkRate(this.clock);
  #movedBytes = 0;

  async seconds(
    count: number,
    bytesPerMs: number,
    { full = true, limited = false }: { full?: boolean; limited?: boolean } = {},
  ): Promise<number> {
    for (let looks = count * 10; looks > 0; looks--) {
      await this.clock.advance(100);
      this.#movedBytes += bytesPerMs * 100;
      const movedBytes = this.#movedBytes;
      this.rate.observe({ movedBytes, running: 4, full, limited, busyMs: () => [] });
    }
    return this.rate.spareBytesPerMs;
  }
}

test("what lanes without work leave of the sustained rate is spare", async () => {
  const seen = new Seen();
  expect(await seen.seconds(10, 12_000)).toBe(0);
  expect(await seen.seconds(3, 4_000, { full: false })).toBeCloseTo(8_000);
});

test("a rate that is a tenth lower is that of a full link", async () => {
  const seen = new Seen();
  await seen.seconds(10, 12_000);
  expect(await seen.seconds(3, 10_800, { full: false })).toBe(0);
});

test("a first second that fills the system's buffers is not taken for the link's rate", async () => {
  const seen = new Seen();
  await seen.seconds(1, 100_000);
  await seen.seconds(10, 12_000);
  expect(await seen.seconds(3, 11_500, { full: false })).toBe(0);
});

test("nothing is spare before three seconds in which every lane had work", async () => {
  const seen = new Seen();
  await seen.seconds(2, 12_000);
  expect(await seen.seconds(9, 1_000, { full: false })).toBe(0);
});

test("nothing is spare under a rate limit", async () => {
  const seen = new Seen();
  await seen.seconds(10, 12_000, { limited: true });
  expect(await seen.seconds(3, 1_000, { full: false, limited: true })).toBe(0);
});

test("nothing is spare for a minute after the store asked for fewer requests", async () => {
  const seen = new Seen();
  await seen.seconds(10, 12_000);
  seen.rate.slowedDown();
  expect(await seen.seconds(50, 1_000, { full: false })).toBe(0);
  expect(await seen.seconds(15, 1_000, { full: false })).toBeGreaterThan(10_000);
});

test("a run that counts from zero again does not count below zero", async () => {
  const seen = new Seen();
  await seen.seconds(5, 12_000);
  seen.rate.observe({ movedBytes: 0, running: 4, full: true, limited: false, busyMs: () => [] });
  expect(await seen.seconds(5, 12_000)).toBe(0);
});
