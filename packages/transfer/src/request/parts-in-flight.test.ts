import { beforeEach, expect, test } from "vitest";
import { BodyFilling } from "../ports/answer-body.js";
import { MiB } from "../plan.js";
import type { PutRequest, PutAnswer } from "../ports.js";
import { sha256Of, type GetFault, type PutFault } from "../testing/fake-service.js";
import { seededBytes } from "../testing/memory-ports.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(4 * 5 * MiB);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

const fast: PutFault = async (request, answer) => {
  await rig.clock.wait(200, request.signal);
  return answer();
};

/** 1 byte a second: no idle rule is broken. */
async function crawl(request: Pick<PutRequest, "signal" | "onMoved">): Promise<never> {
  for (;;) {
    await rig.clock.wait(1_000, request.signal);
    request.onMoved(1);
  }
}
const crawling: PutFault = (request): Promise<PutAnswer> => crawl(request);

test("an upload: a part whose connection crawls at the end is sent on another one, and that answer counts", async () => {
  rig.service.faults.put.push(fast, crawling, fast, fast, fast);

  const result = await rig.upload({ lanes: 4 });

  expect(result.sha256).toBe(sha256Of(bytes));
  expect(result.elapsedMs).toBeLessThan(10_000);
  expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3, 4]);
  expect([...rig.open]).toEqual([]);
});

test("an upload: a short last part does not hide that another one crawls", async () => {
  const withShortPart = bytes.subarray(0, 10 * MiB + 3);
  rig = new Rig(withShortPart);
  rig.service.faults.put.push(fast, crawling, fast, fast);

  const result = await rig.upload({ lanes: 4 });

  expect(result.sha256).toBe(sha256Of(withShortPart));
  expect(result.elapsedMs).toBeLessThan(10_000);
});

test("an upload: the first try counts if it is answered first, and the second leaves nothing behind", async () => {
  const slow: PutFault = async (request, answer) => {
    await rig.clock.wait(8_000, request.signal);
    return answer();
  };
  rig.service.faults.put.push(fast, slow, fast, fast, crawling, crawling);

  const result = await rig.upload({ lanes: 4 });

  expect(result.sha256).toBe(sha256Of(bytes));
  expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3, 4]);
  expect([...rig.open]).toEqual([]);
});

test("an upload: with one lane, or all as slow, nothing is sent twice", async () => {
  const slow: PutFault = async (request, answer) => {
    for (let second = 0; second < 20; second++) {
      await rig.clock.wait(1_000, request.signal);
      request.onMoved(0);
    }
    return answer();
  };
  rig.service.faults.put.push(slow, slow, slow, slow);

  await rig.upload({ lanes: 4 });

  expect(rig.service.calls.filter((call) => call === "partUrl")).toHaveLength(4);
});

/** Sends a part at so many bytes per ms, in slices of 250 ms. */
const paced =
  (bytesPerMs: number): PutFault =>
  (request, answer) =>
    answer({
      ...request,
      next: async (mostBytes) => {
        const bytes = await request.next(Math.min(mostBytes, bytesPerMs * 250));
        await rig.clock.wait(bytes.length / bytesPerMs, request.signal);
        return bytes;
      },
    });

test("an upload: while the link has room at the end, a slow part is sent a second time, over a new connection", async () => {
  const image = seededBytes(12 * 5 * MiB);
  rig = new Rig(image);
  const asked: (boolean | undefined)[] = [];
  const seen =
    (fault: PutFault): PutFault =>
    (request, answer, part) => {
      asked.push(request.newConnection);
      return fault(request, answer, part);
    };
  const usual = seen(paced(1_000));
  const slow = seen(paced(250));
  rig.service.faults.put.push(...Array<PutFault>(11).fill(usual), slow, usual);

  const result = await rig.upload({ lanes: 4 });

  expect(result.sha256).toBe(sha256Of(image));
  expect(asked).toEqual([...Array<boolean>(12).fill(false), true]);
  expect(rig.service.arrived).toHaveLength(12);
  expect([...rig.open]).toEqual([]);
});

test("an upload that is aborted while a part is sent twice ends with the signal's reason", async () => {
  const stop = new AbortController();
  let puts = 0;
  const second: PutFault = (request) => {
    if (++puts === 2) stop.abort(new Error("stop"));
    return crawl(request);
  };
  rig.service.faults.put.push(fast, second, fast, fast, second);

  await expect(rig.upload({ lanes: 4, signal: stop.signal })).rejects.toThrow("stop");
  expect(puts).toBe(2);
  expect([...rig.open]).toEqual([]);
});

test("a download: a connection that crawls at the end is replaced for the little that others did not take", async () => {
  rig.service.add("disk", "completed", bytes);
  const ranges: string[] = [];
  const usual: GetFault = async (request, answer) => {
    ranges.push(request.headers["range"]!);
    await rig.clock.wait(200, request.signal);
    return answer();
  };
  const crawling: GetFault = async (request, answer) => {
    ranges.push(request.headers["range"]!);
    const part = bytes.subarray(5 * MiB, 10 * MiB);
    const size = bytes.length;
    const headers = {
      etag: '"whole"',
      "content-range": `bytes ${5 * MiB}-${10 * MiB - 1}/${size}`,
    };
    if (!request.onHead({ status: 206, headers })) return answer();
    const filling = new BodyFilling(request);
    await filling.take(part.subarray(0, MiB));
    for (let at = MiB; ; at++) {
      await rig.clock.wait(1_000, request.signal);
      await filling.take(part.subarray(at, at + 1));
    }
  };
  rig.service.faults.getBytes.push(usual, crawling, ...Array<GetFault>(20).fill(usual));

  const result = await rig.download("disk", { lanes: 4 });

  expect(result).toMatchObject({ sha256: sha256Of(bytes), verified: true });
  expect(result.elapsedMs).toBeLessThan(15_000);
  const starts = ranges.map((range) => Number(/^bytes=(\d+)-/.exec(range)?.[1]));
  expect(starts.filter((at) => at > 6 * MiB && at < 6 * MiB + 20)).toHaveLength(1);
  expect([...rig.open]).toEqual([]);
});
