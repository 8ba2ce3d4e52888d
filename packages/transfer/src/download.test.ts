import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "./plan.js";
import {
  answerRange,
  receive,
  refusedGet,
  sha256Of,
  type GetFault,
  type StoredImage,
} from "./testing/fake-service.js";
import { aborted, answered, storeRefusesGet } from "./testing/faults.js";
import { MemoryDigest, seededBytes } from "./testing/memory-ports.js";
import { Rig } from "./testing/rig.js";
import { TransportError } from "./errors.js";
import { checkIdOrName } from "./download.js";

const bytes = seededBytes(10 * MiB + 3);
const sha256 = sha256Of(bytes);
let rig: Rig;
let image: StoredImage;

beforeEach(() => {
  rig = new Rig(bytes);
  image = rig.service.add("disk", "completed", bytes);
});

const right: GetFault = (_, answer) => answer();

/** The connection ends after so many bytes. */
const endsAfter =
  (mostBytes: number): GetFault =>
  async (request) => {
    const onBytes = request.onBytes.bind(request);
    let left = mostBytes;
    const cut = async (piece: Uint8Array): Promise<void> => {
      if (left <= 0) throw new TransportError("ECONNRESET", false);
      await onBytes(piece.subarray(0, left));
      left -= piece.length;
    };
    return answerRange({ ...request, onHead: request.onHead.bind(request), onBytes: cut }, bytes);
  };

/** An answer with these headers instead of the right ones. */
const withHeaders =
  (status: number, headers: Record<string, string>, body: Uint8Array = bytes): GetFault =>
  async (request) => {
    const head = { status, headers };
    if (request.onHead(head)) await receive(request, body);
    return { ...head, text: "" };
  };

/** A store that answers all of the image, whatever was asked for. */
const whole = withHeaders(200, { etag: '"whole"' });

function expectTarget(): void {
  expect(rig.sink.target).not.toBeNull();
  expect(sha256Of(rig.sink.target!)).toBe(sha256);
  expect([...rig.open]).toEqual([]);
  expect(rig.clock.waiting).toBe(0);
}

/** A run that ends once its first part has its receipt. */
async function stopAfterFirstPart(): Promise<void> {
  rig.service.faults.getBytes.push(right, right, storeRefusesGet(400, "Nonsense"));
  await expect(rig.download("disk", { lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });
}

describe("a fresh download", () => {
  test.each([{}, { lanes: 1 }, { memoryBytes: 5 * MiB }])(
    "with %o is what was stored, and leaves no journal",
    async (options) => {
      const result = await rig.download("disk", options);

      expect(result).toMatchObject({ sha256, verified: true, resumed: false });
      expect(result.receivedBytes).toBe(bytes.length);
      expectTarget();
      expect(await rig.journals.list()).toEqual([]);
    },
  );

  test("by the image's id is the same", async () => {
    await rig.download(image.wire.id);

    expectTarget();
  });

  test("of an image without a digest says that it was not verified", async () => {
    rig.service.tellsSha256 = false;

    expect(await rig.download("disk")).toMatchObject({ verified: false, sha256 });
  });

  test("takes a digest in upper case", async () => {
    image.wire.sha256 = sha256.toUpperCase();

    expect(await rig.download("disk")).toMatchObject({ verified: true, sha256 });
  });

  test("holds a limit on the rate", async () => {
    const fromMs = rig.clock.monotonicMs();

    await rig.download("disk", { maxBytesPerSecond: 2 * MiB });

    const tookSec = (rig.clock.monotonicMs() - fromMs) / 1000;
    expect(tookSec).toBeGreaterThan(4.75);
    expect(tookSec).toBeLessThan(5.75);
  });
});

describe("a resumed download", () => {
  test("fetches only the parts without a receipt", async () => {
    await stopAfterFirstPart();

    const result = await rig.download("disk");

    expect(result).toMatchObject({ resumed: true, receivedBytes: bytes.length - 5 * MiB });
    expectTarget();
  });

  test.each([
    ["another part file", () => (rig.sink.identity = "part-file-2")],
    ["another image", () => (image.wire.sha256 = sha256Of((image.bytes = seededBytes(99))))],
  ])("with %s starts anew", async (_, change) => {
    await stopAfterFirstPart();
    change();

    const result = await rig.download("disk");

    expect(result).toMatchObject({ resumed: false, receivedBytes: image.bytes.length });
    expect(sha256Of(rig.sink.target!)).toBe(sha256Of(image.bytes));
  });

  test("whose part file holds other bytes than were written is a disk error", async () => {
    await stopAfterFirstPart();
    rig.sink.part[7]! ^= 1;

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "DISK" });

    expect(rig.sink.target).toBeNull();
  });
});

describe("an image that cannot be downloaded", () => {
  test.each(["nobody", "image_nobody"])("because %s is not there", async (idOrName) => {
    await expect(rig.download(idOrName)).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
  });

  test("because it is not complete", async () => {
    image.wire.upload_status = "uploading";

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "IMAGE_NOT_READY" });
  });

  test("because it was deleted meanwhile", async () => {
    rig.service.faults.downloadUrl.push(() => rig.service.refuse(404));

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "IMAGE_GONE" });
  });

  test("because it is empty", async () => {
    image.bytes = new Uint8Array();

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "IMAGE_SIZE" });
  });

  test("because its size is not what the service says", async () => {
    rig.service.faults.getBytes.push(withHeaders(206, { "content-range": "bytes 0-0/99" }));

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "IMAGE_CHANGED" });
  });

  test("because its URL is not safe", async () => {
    const url = "http://store.test/x?sig=secret";
    rig.service.faults.downloadUrl.push(() =>
      rig.service.json(200, { url, expires_at: 9e9, sha256, size: 1 }),
    );

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "UNSAFE_URL" });
  });

  test("by a text that is neither an id nor a name", () => {
    expect(() => checkIdOrName("-rf")).toThrow(/idOrName must be an image's id or name/);
    expect(() => checkIdOrName("disk")).not.toThrow();
    expect(() => checkIdOrName("image_1")).not.toThrow();
  });
});

describe("a connection that ends in the middle of a part", () => {
  test("is gone on with from there", async () => {
    const asked: string[] = [];
    const note: GetFault = (request, answer) => (asked.push(request.headers["range"]!), answer());
    rig.service.faults.getBytes.push(right, endsAfter(2 * MiB + 7), note);

    await rig.download("disk", { lanes: 1 });

    expect(asked).toEqual([`bytes=${2 * MiB + 7}-${5 * MiB - 1}`]);
    expectTarget();
  });

  test("with a whole answer that is short is gone on with, too", async () => {
    const short: GetFault = async (request) => {
      const head = { status: 206, headers: { "content-range": `bytes 0-${5 * MiB - 1}/*` } };
      request.onHead(head);
      await receive(request, bytes.subarray(0, MiB));
      return { ...head, text: "" };
    };
    rig.service.faults.getBytes.push(right, short);

    await rig.download("disk", { lanes: 1 });

    expectTarget();
  });

  test("by saying nothing any more is found by the idle rules", async () => {
    const silent: GetFault = async (request) => {
      request.onHead({
        status: 206,
        headers: { "content-range": `bytes 0-${5 * MiB - 1}/${bytes.length}` },
      });
      await request.onBytes(bytes.slice(0, MiB));
      return aborted(request.signal);
    };
    rig.service.faults.getBytes.push(right, silent);

    await rig.download("disk", { lanes: 1 });

    expectTarget();
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
    rig.service.faults.getBytes.push(right, withHeaders(206, headers, seededBytes(5 * MiB, 9)));

    await rig.download("disk", { lanes: 1 });

    expectTarget();
  });

  test("five times is the end", async () => {
    rig.service.faults.getBytes.push(right, ...[1, 2, 3, 4, 5].map(() => withHeaders(206, {})));

    await expect(rig.download("disk", { lanes: 1 })).rejects.toMatchObject({
      code: "PART_REFUSED",
    });
  });

  test("with more bytes than the part has is the end", async () => {
    const range = { "content-range": `bytes 0-${5 * MiB - 1}/${bytes.length}` };
    rig.service.faults.getBytes.push(right, withHeaders(206, range));

    await expect(rig.download("disk", { lanes: 1 })).rejects.toThrow(/more bytes/);

    expect(rig.sink.target).toBeNull();
  });

  const changes: [string, GetFault][] = [
    ["another ETag", withHeaders(206, { etag: '"other"' })],
    [
      "another size",
      withHeaders(206, { "content-range": `bytes 0-${5 * MiB - 1}/${bytes.length + 1}` }),
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

    expectTarget();
  });
});

describe("a URL that has expired", () => {
  test("is minted once for all lanes that were refused at once", async () => {
    let refusals = 0;
    const expired: GetFault = async (request) => {
      refusals++;
      while (refusals < 3) await Promise.resolve(); // all three lanes are out with the same URL
      return refusedGet(request, 403, "AccessDenied");
    };
    rig.service.faults.getBytes.push(right, expired, expired, expired);

    await rig.download("disk");

    expect(rig.service.calls.filter((call) => call === "downloadUrl")).toHaveLength(2);
    expectTarget();
  });

  test("again and again in a part that gets further each time is no reason to end", async () => {
    const expired = storeRefusesGet(403, "AccessDenied");
    const some = endsAfter(MiB);
    rig.service.faults.getBytes.push(right, ...[1, 2, 3, 4].flatMap(() => [some, expired]));

    await rig.download("disk", { lanes: 1 });

    expectTarget();
  });

  test("at the first byte that is asked for is minted anew", async () => {
    rig.service.faults.getBytes.push(storeRefusesGet(403, "AccessDenied"));

    await rig.download("disk");

    expectTarget();
  });

  test("and a service that tells another size then: the image changed", async () => {
    rig.service.faults.getBytes.push(right, storeRefusesGet(403, "AccessDenied"));
    rig.service.faults.downloadUrl.push(
      (answer) => answer(),
      () =>
        rig.service.json(200, { url: "https://store.test/x", expires_at: 9e9, sha256, size: 7 }),
    );

    await expect(rig.download("disk", { lanes: 1 })).rejects.toMatchObject({
      code: "IMAGE_CHANGED",
    });
  });

  test("and a service that cannot be reached for a while: it is asked again", async () => {
    rig.service.faults.getBytes.push(right, storeRefusesGet(403, "AccessDenied"));
    rig.service.faults.downloadUrl.push((answer) => answer(), answered(503), answered(502));

    await rig.download("disk");

    expectTarget();
  });
});

describe("the first byte that is asked for", () => {
  test.each([
    ["503", storeRefusesGet(503, "SlowDown")],
    ["no Content-Range", withHeaders(206, {})],
  ])("is asked for again after %s", async (_, fault) => {
    rig.service.faults.getBytes.push(fault);

    await rig.download("disk");

    expectTarget();
  });
});

describe("a store that ignores ranges", () => {
  const wholeTimes = (times: number): GetFault[] => Array.from({ length: times }, () => whole);

  test.each([{}, { memoryBytes: 5 * MiB }])("with %o is one stream, verified", async (options) => {
    rig.service.faults.getBytes.push(...wholeTimes(2));

    const result = await rig.download("disk", options);

    expect(result).toMatchObject({ verified: true, receivedBytes: bytes.length });
    expectTarget();
  });

  test("and whose stream breaks is read from the start, and passes over what is there", async () => {
    rig.service.faults.getBytes.push(whole, endsWholeAfter(7 * MiB), whole);

    const result = await rig.download("disk");

    expect(result.receivedBytes).toBe(bytes.length);
    expectTarget();
  });

  const endsWholeAfter =
    (mostBytes: number): GetFault =>
    async (request) => {
      request.onHead({ status: 200, headers: {} });
      await receive(request, bytes.subarray(0, mostBytes));
      throw new TransportError("ECONNRESET", false);
    };

  test("and whose stream ends too early goes on", async () => {
    const short = withHeaders(200, {}, bytes.subarray(0, 6 * MiB));
    rig.service.faults.getBytes.push(whole, short, whole);

    await rig.download("disk");

    expectTarget();
  });

  test("and whose stream has more than the image is an error", async () => {
    const long = withHeaders(200, {}, seededBytes(11 * MiB));
    rig.service.faults.getBytes.push(whole, long);

    await expect(rig.download("disk")).rejects.toThrow(/more bytes/);
  });

  test.each([
    ["another ETag", withHeaders(200, { etag: '"other"' })],
    ["412", storeRefusesGet(412, "PreconditionFailed")],
  ])("and then answers %s: the image changed", async (_, fault) => {
    rig.service.faults.getBytes.push(whole, fault);

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "IMAGE_CHANGED" });
  });

  test("and refuses once is asked again", async () => {
    rig.service.faults.getBytes.push(whole, storeRefusesGet(403, "AccessDenied"), whole);

    await rig.download("disk");

    expectTarget();
  });
});

describe("what goes wrong here", () => {
  test("a bit that flipped: the digest tells, and the target stays away", async () => {
    const flipped = bytes.slice();
    flipped[6 * MiB]! ^= 1;
    const wrong: GetFault = (request) => answerRange(request, flipped);
    rig.service.faults.getBytes.push(right, wrong, wrong, wrong);

    await expect(rig.download("disk")).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
      wantedSha256: sha256,
    });

    expect(rig.sink.target).toBeNull();
    expect(rig.sink.part).toHaveLength(0);
    expect(await rig.journals.list()).toEqual([]);
  });

  test("a digest that is wrong leaves the part file where the caller wants it", async () => {
    image.wire.sha256 = "0".repeat(64);

    await expect(rig.download("disk", { keepOnMismatch: true })).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
    });

    expect(sha256Of(rig.sink.part)).toBe(sha256);
  });

  test.each(["write", "sync", "prepare", "commit"] as const)(
    "a %s that fails is the error, and nothing stays open",
    async (call) => {
      const error = new Error("ENOSPC");
      rig.sink[call] = () => Promise.reject(error);
      rig.service.faults.getBytes.push(right, right, slow, slow);

      await expect(rig.download("disk", { lanes: 1 })).rejects.toBe(error);

      expect([...rig.open]).toEqual([]);
      expect(rig.sink.target).toBeNull();
    },
  );

  const slow: GetFault = async (request, answer) => {
    await rig.clock.wait(2_000, request.signal);
    return answer();
  };

  test("a digest that dies ends it, and what was written keeps its receipts", async () => {
    const died = new Error("the thread died");
    rig.digestOfSink = () => {
      const digest = new MemoryDigest(() => rig.sink.part);
      let taken = 0;
      digest.beforeTaking = () => {
        if (++taken === 2) throw died;
      };
      return digest;
    };
    rig.service.faults.getBytes.push(right, right, slow, slow);
    await expect(rig.download("disk", { lanes: 1 })).rejects.toBe(died);
    rig.digestOfSink = null;

    const result = await rig.download("disk");

    expect(result.receivedBytes).toBe(bytes.length - 5 * MiB);
    expectTarget();
  });

  test("onProgress that throws ends it with what it threw", async () => {
    const thrown = new Error("no terminal");
    const onProgress = (): void => {
      throw thrown;
    };

    await expect(rig.download("disk", { onProgress })).rejects.toBe(thrown);

    expect([...rig.open]).toEqual([]);
  });

  test("too little memory for a part is said before anything is fetched", async () => {
    await expect(rig.download("disk", { memoryBytes: MiB })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });
});
