import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import type { GetFault } from "../testing/fake-service.js";
import { answerRange, receive } from "../testing/fake-store.js";
import { aborted, endsAfter, right, storeRefusesGet, withHeaders } from "../testing/faults.js";
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

describe("a connection that ends in the middle of a part", () => {
  test("is resumed from there", async () => {
    const asked: string[] = [];
    const note: GetFault = (request, answer) => (asked.push(request.headers["range"]!), answer());
    rig.service.faults.getBytes.push(endsAfter(bytes, 2 * MiB + 7), note);

    await rig.download("disk", { lanes: 1 });

    expect(asked).toEqual([`bytes=${2 * MiB + 7}-${5 * MiB - 1}`]);
    expectWholeTarget(rig);
  });

  test("with a whole answer that is short is resumed, too", async () => {
    const short: GetFault = async (request) => {
      const head = { status: 206, headers: { "content-range": `bytes 0-${5 * MiB - 1}/*` } };
      request.onHead(head);
      await receive(request, bytes.subarray(0, MiB));
      return { ...head, text: "" };
    };
    rig.service.faults.getBytes.push(short);

    await rig.download("disk", { lanes: 1 });

    expectWholeTarget(rig);
  });

  test("by saying nothing any more is found by the idle rules", async () => {
    const silent: GetFault = async (request) => {
      request.onHead({
        status: 206,
        headers: { "content-range": `bytes 0-${5 * MiB - 1}/${bytes.length}` },
      });
      await receive(request, bytes.subarray(0, MiB));
      return aborted(request.signal);
    };
    rig.service.faults.getBytes.push(silent);

    await rig.download("disk", { lanes: 1 });

    expectWholeTarget(rig);
  });
});

describe("an answer that is not what was asked for", () => {
  const lies: [string, Record<string, string>][] = [
    ["no Content-Range", {}],
    ["another Content-Range", { "content-range": `bytes 1-${5 * MiB}/${bytes.length}` }],
    ["a shorter Content-Range", { "content-range": `bytes 0-9/${bytes.length}` }],
    [
      "another length",
      { "content-range": `bytes 0-${5 * MiB - 1}/${bytes.length}`, "content-length": "3" },
    ],
    [
      "compressed bytes",
      { "content-range": `bytes 0-${5 * MiB - 1}/${bytes.length}`, "content-encoding": "gzip" },
    ],
  ];

  test.each(lies)("with %s: no byte of it is taken, and it is asked again", async (_, headers) => {
    rig.service.faults.getBytes.push(withHeaders(206, headers, seededBytes(5 * MiB, 9)));

    await rig.download("disk", { lanes: 1 });

    expectWholeTarget(rig);
  });

  test("five times is the end", async () => {
    rig.service.faults.getBytes.push(...[1, 2, 3, 4, 5].map(() => withHeaders(206, {}, bytes)));

    await expect(rig.download("disk", { lanes: 1 })).rejects.toMatchObject({
      code: "PART_REFUSED",
    });
  });

  test("with more bytes than the part has is the end", async () => {
    const range = { "content-range": `bytes 0-${5 * MiB - 1}/${bytes.length}` };
    rig.service.faults.getBytes.push(withHeaders(206, range, bytes));

    await expect(rig.download("disk", { lanes: 1 })).rejects.toThrow(/more bytes/);

    expect(rig.sink.target).toBeNull();
  });

  const changes: [string, GetFault][] = [
    ["another ETag", withHeaders(206, { etag: '"other"' }, bytes)],
    [
      "another size",
      withHeaders(206, { "content-range": `bytes ${5 * MiB}-${10 * MiB - 1}/99999999` }, bytes),
    ],
    ["412", storeRefusesGet(412, "PreconditionFailed")],
    ["416", storeRefusesGet(416, "InvalidRange")],
  ];

  test.each(changes)("but %s: the image changed", async (_, fault) => {
    rig.service.faults.getBytes.push(right, fault);

    await expect(rig.download("disk", { lanes: 1 })).rejects.toMatchObject({
      code: "IMAGE_CHANGED",
    });
  });

  test("but the whole image where a range was answered before: it is asked again", async () => {
    rig.service.faults.getBytes.push(right, whole);

    await rig.download("disk", { lanes: 1 });

    expectWholeTarget(rig);
  });
});

test("an image with another ETag than before is fetched again, in parts of the length that is asked for now", async () => {
  rig.service.faults.getBytes.push(endsAfter(bytes, 1), storeRefusesGet(400, "Nonsense"));
  await expect(rig.download("disk", { lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });
  const other: GetFault = (request) =>
    answerRange(
      {
        ...request,
        onHead: ({ status, headers }) =>
          request.onHead({ status, headers: { ...headers, etag: '"other"' } }),
        into: () => request.into(),
        onMoved: (moved) => request.onMoved(moved),
      },
      bytes,
    );
  rig.service.faults.getBytes.push(other, other, other, other);

  const result = await rig.download("disk", { lanes: 1, partBytes: 6 * MiB });

  expect(result).toMatchObject({ resumed: false, receivedBytes: bytes.length, verified: true });
  expectWholeTarget(rig);
});

describe("the first part that is asked for", () => {
  test.each([
    ["503", storeRefusesGet(503, "SlowDown")],
    ["no Content-Range", withHeaders(206, {}, bytes)],
  ])("is asked for again after %s", async (_, fault) => {
    rig.service.faults.getBytes.push(fault);

    await rig.download("disk");

    expectWholeTarget(rig);
  });
});
