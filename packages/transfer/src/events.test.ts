import { beforeEach, describe, expect, test } from "vitest";
import type { TransferEvent } from "./events.js";
import { MiB } from "./plan.js";
import type { TransferProgress } from "./progress.js";
import type { PutFault } from "./testing/fake-service.js";
import { answered, resetAfter, storeAnswers } from "./testing/faults.js";
import { seededBytes } from "./testing/memory-ports.js";
import { Rig } from "./testing/rig.js";

const bytes = seededBytes(12 * MiB);
let rig: Rig;
let told: TransferEvent[];

beforeEach(() => {
  rig = new Rig(bytes);
  told = [];
});

const onEvent = (event: TransferEvent): void => void told.push(event);
type Kind = TransferEvent["event"];
const those = <K extends Kind>(kind: K) =>
  told.filter((event): event is Extract<TransferEvent, { event: K }> => event.event === kind);

test("every event tells the version of the union", async () => {
  await rig.upload({ onEvent });

  expect(new Set(told.map(({ v }) => v))).toEqual(new Set([1]));
});

test("the phases come in their order, each once, and before the progress that shows it", async () => {
  await rig.upload({ onEvent, verify: "download" });

  const phases = ["preparing", "moving", "finishing", "verifying"];
  expect(those("phase").map(({ phase }) => phase)).toEqual(phases);
  for (const phase of phases) {
    const [first] = told.filter((event) => "phase" in event && event.phase === phase);
    expect(first?.event).toBe("phase");
  }
});

test("each part that arrives is told once, as onPart is", async () => {
  const parts: number[] = [];

  await rig.upload({ onEvent, onPart: ({ number }) => parts.push(number) });

  expect(those("part").map(({ number }) => number)).toEqual(parts);
  expect(parts.toSorted()).toEqual([1, 2, 3]);
  expect(those("part").find(({ number }) => number === 3)).toEqual({
    v: 1,
    event: "part",
    number: 3,
    offset: 10 * MiB,
    lengthBytes: 2 * MiB,
  });
});

test("onProgress is told what onEvent is", async () => {
  const progress: TransferProgress[] = [];

  await rig.upload({ onEvent, onProgress: (one) => progress.push(one) });

  expect(progress.map((one) => ({ v: 1, ...one }))).toEqual(those("progress"));
});

describe("a retry", () => {
  test("of a part tells its number, the reason, the wait, and what is left of the budget", async () => {
    rig.service.faults.put.push(resetAfter(MiB));

    await rig.upload({ onEvent, lanes: 1, retryBudgetMs: 60_000 });

    const [retry, ...more] = those("retry");
    expect(retry).toMatchObject({
      part: 1,
      reason: "The connection to the object store ended: ECONNRESET.",
      isReachable: false,
      failedTries: 1,
      giveUpInMs: 60_000,
    });
    expect(retry?.retryInMs).toBeLessThanOrEqual(500);
    expect(more).toEqual([]);
  });

  test("of a call of the API has no part", async () => {
    rig.service.faults.complete.push(answered(503, { "retry-after": "2" }));

    await rig.upload({ onEvent });

    expect(those("retry")).toMatchObject([{ part: null, isReachable: true }]);
  });
});

test("of each URL that is handed out, its part and when it expires are told, and not the URL", async () => {
  await rig.upload({ onEvent, verify: "download" });

  expect(those("url-minted").map(({ part }) => part)).toEqual([1, 2, 3, null]);
  for (const event of those("url-minted")) {
    expect(event.expiresAtSec).toBeGreaterThan(0);
    expect(JSON.stringify(event)).not.toMatch(/https?:/);
  }
});

test("the number of lanes is told at the start and when it changes", async () => {
  await rig.upload({ onEvent, lanes: 2 });

  expect(those("lanes")).toEqual([{ v: 1, event: "lanes", lanes: 2, formerLanes: 0 }]);
});

test("a page's lanes stay as many as it asked for, and half of them run for 10 s if the store asks for less", async () => {
  const slow: PutFault = async (request, answer) => {
    await rig.clock.wait(6_000, request.signal);
    return answer();
  };
  rig = new Rig(seededBytes(8 * 5 * MiB));
  const asksForLess = storeAnswers(503, "SlowDown", { "retry-after": "1" });
  rig.service.faults.put.push(asksForLess, ...Array<PutFault>(8).fill(slow));

  await rig.uploadSeekable({ onEvent, lanes: 4 });

  expect(those("lanes").map(({ lanes }) => lanes)).toEqual([4, 2, 4]);
});

test("a part that crawls where the others were fast is told when another connection helps", async () => {
  const fast: PutFault = async (request, answer) => {
    await rig.clock.wait(200, request.signal);
    return answer();
  };
  const crawling: PutFault = async (request) => {
    for (;;) {
      await rig.clock.wait(1_000, request.signal);
      request.onMoved(1);
    }
  };
  rig = new Rig(seededBytes(4 * 5 * MiB));
  rig.service.faults.put.push(fast, crawling, fast, fast, fast);

  await rig.upload({ onEvent, lanes: 4 });

  const [straggler, ...more] = those("straggler");
  expect(straggler).toMatchObject({ part: 2, lengthBytes: 5 * MiB });
  expect(straggler?.reachedBytes).toBeLessThan(10);
  expect(more).toEqual([]);
  expect(those("retry")).toEqual([]);
});

test.each<Kind>(["progress", "part", "retry", "lanes", "url-minted", "phase"])(
  "what onEvent throws at %s ends the transfer, and is thrown by it",
  async (kind) => {
    rig.service.faults.put.push(resetAfter(MiB));
    const thrown = new Error(kind);
    const throwing = (event: TransferEvent): void => {
      if (event.event === kind) throw thrown;
    };

    await expect(rig.upload({ onEvent: throwing })).rejects.toBe(thrown);

    expect([...rig.open]).toEqual([]);
    await rig.upload();
  },
);
