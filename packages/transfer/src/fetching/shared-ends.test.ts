import { beforeEach, expect, test } from "vitest";
import { TransportError } from "../errors.js";
import { MiB } from "../plan.js";
import { BodyFilling } from "../ports/answer-body.js";
import { sha256Of, type GetFault } from "../testing/fake-service.js";
import { answerRange, rangeOf } from "../testing/fake-store.js";
import { seededBytes } from "../testing/memory-ports.js";
import { Rig } from "../testing/rig.js";
import { expectWholeTarget } from "../testing/whole-target.js";

const bytes = seededBytes(20 * MiB);
let rig: Rig;
let ranges: (readonly [first: number, last: number])[];

beforeEach(() => {
  rig = new Rig(bytes);
  rig.service.add("disk", "completed", bytes);
  ranges = [];
});

/** A connection that moves so much per second. */
const connection =
  (bytesPerSecond: number): GetFault =>
  async (request, answer) => {
    const [first, last] = rangeOf(request, bytes.length);
    ranges.push([first, last]);
    const head = {
      status: 206,
      headers: { etag: '"whole"', "content-range": `bytes ${first}-${last}/${bytes.length}` },
    };
    if (!request.onHead(head)) return answer();
    const filling = new BodyFilling(request);
    const step = Math.ceil(bytesPerSecond / 10);
    for (let at = first; at <= last; at += step) {
      await rig.clock.wait(100, request.signal);
      await filling.take(bytes.subarray(at, Math.min(at + step, last + 1)));
    }
    filling.end();
    return { ...head, text: "" };
  };

const every = (fault: GetFault): void => {
  rig.service.faults.getBytes.push(...Array<GetFault>(40).fill(fault));
};

test("lanes that have no part left take half of what is left of the slowest ones, until all end together", async () => {
  rig.service.faults.getBytes.push(connection(MiB / 4));
  every(connection(MiB));

  const result = await rig.download("disk", { lanes: 4 });

  expect(result).toMatchObject({ sha256: sha256Of(bytes), verified: true });
  expectWholeTarget(rig);
  expect([...rig.open]).toEqual([]);
  // Alone, the slow connection would take 20 s for its part of 5 MiB.
  expect(result.elapsedMs).toBeLessThan(11_000);
  expect(ranges.length).toBeGreaterThan(4);
});

test("a piece whose connection breaks continues from where it was", async () => {
  rig.service.faults.getBytes.push(connection(MiB / 4));
  rig.service.faults.getBytes.push(...Array<GetFault>(3).fill(connection(MiB)));
  const breaking: GetFault = async (request) => {
    const [first, last] = rangeOf(request, bytes.length);
    ranges.push([first, last]);
    const headers = { etag: '"whole"', "content-range": `bytes ${first}-${last}/${bytes.length}` };
    request.onHead({ status: 206, headers });
    await new BodyFilling(request).take(bytes.subarray(first, first + 1_000));
    throw new TransportError("ECONNRESET", false);
  };
  rig.service.faults.getBytes.push(breaking);
  every(connection(MiB));

  const result = await rig.download("disk", { lanes: 4 });

  expect(result.sha256).toBe(sha256Of(bytes));
  expectWholeTarget(rig);
});

test("what is told never goes back when a part comes in pieces, and no more parts are told than there are", async () => {
  rig.service.faults.getBytes.push(connection(MiB / 4));
  every(connection(MiB));
  const told: number[] = [];

  await rig.download("disk", {
    lanes: 4,
    onProgress: ({ doneBytes, inFlightBytes, partsDone, partsInFlight, partsTotal }) => {
      told.push(doneBytes + inFlightBytes);
      expect(partsDone + partsInFlight).toBeLessThanOrEqual(partsTotal);
    },
  });

  expect(told).toEqual(told.toSorted((a, b) => a - b));
  expect(told.at(-1)).toBe(bytes.length);
});

test("under a limit no part is cut", async () => {
  rig.service.faults.getBytes.push(connection(MiB / 4));
  every(connection(MiB));

  await rig.download("disk", { lanes: 4, maxBytesPerSecond: 100 * MiB });

  expect(ranges).toHaveLength(4);
});

test("a transfer that is stopped while a part comes in pieces leaves nothing open", async () => {
  const stop = new AbortController();
  rig.service.faults.getBytes.push(connection(MiB / 4));
  every(connection(MiB));

  const stopped = rig.download("disk", {
    lanes: 4,
    signal: stop.signal,
    onProgress: () => {
      if (ranges.length > 5) stop.abort(new Error("enough"));
    },
  });

  await expect(stopped).rejects.toThrow("enough");
  expect([...rig.open]).toEqual([]);
});

test("while the first part is on its way, its lane is seen to move", async () => {
  every(connection(MiB));
  const seen = new Set<unknown>();

  await rig.download("disk", {
    lanes: 1,
    onProgress: ({ phase, inFlightBytes, partsDone, limitedBy }) => {
      if (phase === "moving" && partsDone === 0 && inFlightBytes > 0) seen.add(limitedBy);
    },
  });

  expect([...seen]).toEqual(["network"]);
});

test("a store that answers at once is asked for each part once", async () => {
  every(async (request) => {
    ranges.push(rangeOf(request, bytes.length));
    return answerRange(request, bytes);
  });

  await rig.download("disk", { lanes: 4 });

  expect(ranges).toHaveLength(4);
});
