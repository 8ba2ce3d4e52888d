import { describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import { worstStraggler, type ObservedPart } from "./straggler.js";

const partBytes = 16 * MiB;
/** What a part takes on 50 MB/s. */
const typicalMsPerByte = 1 / 50_000;

const flight = (given: Partial<ObservedPart>): ObservedPart => ({
  lengthBytes: partBytes,
  reachedBytes: 8 * MiB,
  seenBytes: 100 * MiB,
  seenMs: 2_500,
  quietMs: 0,
  ...given,
});

test.each<[string, Partial<ObservedPart>]>([
  ["crawls", { seenBytes: 10, quietMs: 200 }],
  ["is silent", { seenBytes: 0, quietMs: 2_500 }],
  ["moves at a hundredth of the speed", { seenBytes: 1_250_000 }],
  ["was sent, and is not answered for long", { reachedBytes: partBytes, quietMs: 4_000 }],
])("a part that %s, where the others are fast, is a straggler", (_, given) => {
  expect(worstStraggler([flight(given)], typicalMsPerByte)).not.toBeNull();
});

test.each<[string, Partial<ObservedPart>, number]>([
  ["is as fast as the others", {}, typicalMsPerByte],
  ["was not looked at for long", { seenBytes: 0, seenMs: 1_900, quietMs: 1_900 }, typicalMsPerByte],
  ["is nearly through", { reachedBytes: partBytes - 100_000, seenBytes: 10 }, typicalMsPerByte],
  ["is answered soon", { reachedBytes: partBytes, quietMs: 1_000 }, typicalMsPerByte],
  ["is slow where all are", { seenBytes: 20_000, seenMs: 9_000 }, 1 / 10],
  ["tells no slice yet on a slow link", { seenBytes: 0, seenMs: 3_000, quietMs: 3_000 }, 1 / 300],
])("a part that %s is none", (_, given, msPerByte) => {
  expect(worstStraggler([flight(given)], msPerByte)).toBeNull();
});

test("of several, the one that takes longest is the worst", () => {
  const slow = flight({ seenBytes: 1_000_000, reachedBytes: 1 * MiB });
  const slower = flight({ seenBytes: 0, reachedBytes: 1 * MiB, seenMs: 9_000 });
  expect(worstStraggler([slow, slower, flight({})], typicalMsPerByte)).toBe(slower);
});

describe("simulated: the last parts of a transfer, four lanes at 50 MB/s, one falls to 10 kB/s", () => {
  const laneBytesPerMs = 50_000;
  const crawlBytesPerMs = 10;

  /** Every 250 ms as the pipeline looks; a helper starts over at full speed. @returns When all is through. */
  function endMs(helped: boolean, noise: () => number): { ms: number; helpers: number } {
    const lanes = [0, 1, 2, 3].map((lane) => ({
      reached: 0,
      rate: lane === 2 ? crawlBytesPerMs : laneBytesPerMs,
    }));
    let helpers = 0;
    let helperReached = 0;
    for (let ms = 250; ; ms += 250) {
      for (const lane of lanes) lane.reached += lane.rate * noise() * 250;
      if (helpers > 0) helperReached += laneBytesPerMs * noise() * 250;
      const left = lanes.filter(({ reached }) => reached < partBytes);
      if (left.length === 0 || helperReached >= partBytes) return { ms, helpers };
      const parts = left.map(({ reached }) =>
        flight({ reachedBytes: reached, seenBytes: reached, seenMs: ms, quietMs: 0 }),
      );
      if (helped && helpers === 0 && worstStraggler(parts, typicalMsPerByte)) helpers++;
    }
  }

  test("with a second connection it ends within 4 s instead of half an hour", () => {
    expect(endMs(false, () => 1).ms).toBeGreaterThan(1_600_000);
    expect(endMs(true, () => 1)).toMatchObject({ helpers: 1 });
    expect(endMs(true, () => 1).ms).toBeLessThan(4_000);
  });
});

test.each([0.1, 1, 10, 100])(
  "simulated: lanes that differ by up to half at %d MB/s need no help",
  (rate) => {
    const bytesPerMs = rate * 1_000;
    for (let share = 0.5; share <= 1.5; share += 0.1) {
      for (let seenMs = 2_000; seenMs < 10_000; seenMs += 250) {
        const moved = Math.floor((bytesPerMs * share * seenMs) / MiB) * MiB; // told by slices
        if (moved >= partBytes) continue;
        const seen = {
          reachedBytes: moved,
          seenBytes: moved,
          seenMs,
          quietMs: MiB / (bytesPerMs * share),
        };
        const looked = { ...seen, quietMs: Math.min(seen.quietMs, seenMs) };
        expect(worstStraggler([flight(looked)], 1 / bytesPerMs)).toBeNull();
      }
    }
  },
);
