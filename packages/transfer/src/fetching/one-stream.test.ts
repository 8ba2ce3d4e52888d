import { beforeEach, describe, expect, test } from "vitest";
import { TransportError } from "../errors.js";
import { MiB } from "../plan.js";
import type { GetFault } from "../testing/fake-service.js";
import { receive } from "../testing/fake-store.js";
import { storeRefusesGet, withHeaders } from "../testing/faults.js";
import { seededBytes } from "../testing/memory-ports.js";
import { Rig } from "../testing/rig.js";
import { expectWholeTarget } from "../testing/whole-target.js";

const bytes = seededBytes(10 * MiB + 3);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
  rig.service.add("disk", "completed", bytes);
});

/** A store that answers all of the image, whatever was asked for. */
const whole = withHeaders(200, { etag: '"whole"' }, bytes);

describe("a store that ignores ranges", () => {
  const wholeTimes = (times: number): GetFault[] => Array.from({ length: times }, () => whole);

  test.each([{}, { memoryBytes: 5 * MiB }])("with %o is one stream, verified", async (options) => {
    rig.service.faults.getBytes.push(...wholeTimes(2));

    const result = await rig.download("disk", options);

    expect(result).toMatchObject({ verified: true, receivedBytes: bytes.length });
    expectWholeTarget(rig);
  });

  test("and whose stream breaks is read from the start, and passes over what is there", async () => {
    rig.service.faults.getBytes.push(whole, endsWholeAfter(7 * MiB), whole);

    const result = await rig.download("disk");

    expect(result.receivedBytes).toBe(bytes.length);
    expectWholeTarget(rig);
  });

  const endsWholeAfter =
    (mostBytes: number): GetFault =>
    async (request) => {
      request.onHead({ status: 200, headers: {} });
      await receive(request, bytes.subarray(0, mostBytes));
      throw new TransportError("ECONNRESET", false);
    };

  test("and whose stream ends too early continues", async () => {
    const short = withHeaders(200, {}, bytes.subarray(0, 6 * MiB));
    rig.service.faults.getBytes.push(whole, short, whole);

    await rig.download("disk");

    expectWholeTarget(rig);
  });

  test("and whose stream has more than the image is an error", async () => {
    const long = withHeaders(200, {}, seededBytes(11 * MiB));
    rig.service.faults.getBytes.push(whole, long);

    await expect(rig.download("disk")).rejects.toThrow(/more bytes/);
  });

  test.each([
    ["another ETag", withHeaders(200, { etag: '"other"' }, bytes)],
    ["412", storeRefusesGet(412, "PreconditionFailed")],
  ])("and then answers %s: the image changed", async (_, fault) => {
    rig.service.faults.getBytes.push(whole, fault);

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "IMAGE_CHANGED" });
  });

  test("and refuses once is asked again", async () => {
    rig.service.faults.getBytes.push(whole, storeRefusesGet(403, "AccessDenied"), whole);

    await rig.download("disk");

    expectWholeTarget(rig);
  });
});
