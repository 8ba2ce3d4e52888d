import { beforeEach, expect, test } from "vitest";
import { BodyFilling } from "./ports/answer-body.js";
import { MiB } from "./plan.js";
import { sha256Of, type GetFault, type PutFault } from "./testing/fake-service.js";
import { rangeOf } from "./testing/fake-store.js";
import { seededBytes } from "./testing/memory-ports.js";
import { Rig } from "./testing/rig.js";

const bytes = seededBytes(5 * MiB);
const seconds = 20 * 60;
const bytesPerSecond = Math.ceil(bytes.length / seconds);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

// fault N07
test("steady slow link: a part that takes 20 minutes to send is sent once", async () => {
  const slowly: PutFault = async (request, answer) => {
    // As a transport does: it tells that a socket lets bytes go, within a slice as well.
    for (let second = 0; second < seconds; second++) {
      await rig.clock.wait(1_000, request.signal);
      request.onMoved(0);
    }
    return answer();
  };
  rig.service.faults.put.push(slowly);

  const result = await rig.upload();

  expect(result.sha256).toBe(sha256Of(bytes));
  expect(result.elapsedMs).toBeGreaterThanOrEqual(seconds * 1_000);
  expect(rig.service.calls.filter((call) => call === "partUrl")).toHaveLength(1);
});

// fault N07
test("steady slow link: a part that takes 20 minutes to fetch is fetched once", async () => {
  rig.service.add("disk", "completed", bytes);
  let fetched = 0;
  const slowly: GetFault = async (request) => {
    fetched++;
    const [first, last] = rangeOf(request, bytes.length);
    const headers = { etag: '"whole"', "content-range": `bytes ${first}-${last}/${bytes.length}` };
    request.onHead({ status: 206, headers });
    const filling = new BodyFilling(request);
    for (let at = first; at <= last; at += bytesPerSecond) {
      await rig.clock.wait(1_000, request.signal);
      await filling.take(bytes.subarray(at, Math.min(at + bytesPerSecond, last + 1)));
    }
    return { status: 206, headers, text: "" };
  };
  rig.service.faults.getBytes.push(slowly);

  const result = await rig.download("disk");

  expect(result).toMatchObject({ sha256: sha256Of(bytes), verified: true });
  expect(result.elapsedMs).toBeGreaterThanOrEqual(seconds * 1_000);
  expect(fetched).toBe(1);
});
