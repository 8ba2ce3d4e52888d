import { beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../testing/manual-clock.js";
import { Watch } from "./watch.js";

const rules = { stallMs: 10_000, answerMs: 30_000 };
let clock: ManualClock;
let outer: AbortController;
let watch: Watch;

beforeEach(() => {
  clock = new ManualClock();
  outer = new AbortController();
  watch = new Watch(clock, rules, outer.signal);
});

describe("while bytes should move", () => {
  test("nothing for as long as the rule says is a stall", async () => {
    await clock.advance(9_900);
    expect(watch.ended).toBeNull();

    await clock.advance(1_100);

    expect(watch.ended).toBe("stall");
    expect(watch.signal.aborted).toBe(true);
  });

  test("single bytes now and then are none, for however long", async () => {
    for (let n = 0; n < 200; n++) {
      await clock.advance(9_000);
      watch.moved();
    }

    expect(watch.ended).toBeNull();
  });

  test("a rule shorter than a second is kept as well", async () => {
    const quick = new Watch(clock, { stallMs: 100, answerMs: 1_000 }, outer.signal);

    await clock.advance(125);

    expect(quick.ended).toBe("stall");
  });
});

describe("while the answer is waited for", () => {
  test("the wait is the longer one, and its end has a name of its own", async () => {
    await clock.advance(9_000);
    watch.awaitAnswer();
    await clock.advance(29_000);
    expect(watch.ended).toBeNull();

    await clock.advance(2_000);

    expect(watch.ended).toBe("no-answer");
  });

  test("the first byte of it makes bytes expected again", async () => {
    watch.awaitAnswer();
    await clock.advance(20_000);
    watch.moved();

    await clock.advance(11_000);

    expect(watch.ended).toBe("stall");
  });
});

describe("no stall", () => {
  test("is a wait for our own limiter, also when several cross", async () => {
    let end!: () => void;
    const limiter = new Promise<void>((resolve) => (end = resolve));
    const waits = [watch.unwatched(() => limiter), watch.unwatched(() => Promise.resolve())];
    await clock.advance(60_000);
    expect(watch.ended).toBeNull();

    end();
    await Promise.all(waits);
    await clock.advance(9_000);
    expect(watch.ended).toBeNull();
    await clock.advance(2_000);
    expect(watch.ended).toBe("stall");
  });

  test("is a wait for our own limiter that fails", async () => {
    await expect(watch.unwatched(() => Promise.reject(new Error("gone")))).rejects.toThrow("gone");

    await clock.advance(11_000);

    expect(watch.ended).toBe("stall");
  });

  test("is an event loop that was blocked", async () => {
    await clock.advance(1_000);
    for (let n = 0; n < 2; n++) {
      await clock.block(5_000 + 1_000);
      clock.jumpWall(0);
    }

    expect(watch.ended).toBeNull();
  });

  test("is a wall clock that is set back, or corrected", async () => {
    clock.jumpWall(-86_400_000);
    await clock.advance(2_000);
    clock.jumpWall(4_000);
    await clock.advance(2_000);

    expect(watch.ended).toBeNull();
  });
});

describe("a machine that slept", () => {
  test("is seen by its wall clock, where the other one stood still", async () => {
    await clock.advance(500);
    clock.jumpWall(3_600_000);
    await clock.advance(1_000);

    expect(watch.ended).toBe("slept");
  });

  test("is seen by its monotonic clock, where that one continued", async () => {
    await clock.block(3_600_000);

    expect(watch.ended).toBe("slept");
  });

  test("is seen as that only, and not as a stall later on", async () => {
    await clock.block(3_600_000);
    await clock.advance(60_000);

    expect(watch.ended).toBe("slept");
  });
});

describe("its signal", () => {
  test("aborts with the outer one, for its reason", () => {
    outer.abort("enough");

    expect(watch.signal.reason).toBe("enough");
    expect(watch.ended).toBeNull();
  });

  test("is told apart by a reason that names the rule", async () => {
    await clock.advance(11_000);

    expect((watch.signal.reason as Error).message).toBe("the request was given up: stall");
  });
});

test("once stopped it watches no more, leaves no wait, and ends what still waits for the request", async () => {
  watch.stop();
  outer.abort("enough");
  await clock.advance(60_000);

  expect(watch.ended).toBeNull();
  expect(watch.signal.reason).toEqual(new Error("the request has settled"));
  expect(clock.waiting).toBe(0);
});
