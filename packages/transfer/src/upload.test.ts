import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "./plan.js";
import type { TransferProgress } from "./progress.js";
import { sendAll, sha256Of, type PutFault, type StoredImage } from "./testing/fake-service.js";
import {
  answered,
  neverAnswered,
  resetAfter,
  stalledAfter,
  storeAnswers,
  unreachable,
} from "./testing/faults.js";
import { turn } from "./testing/manual-clock.js";
import { MemoryDigest, seededBytes } from "./testing/memory-ports.js";
import { Rig } from "./testing/rig.js";

const bytes = seededBytes(10 * MiB + 3);
const sha256 = sha256Of(bytes);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

const theImage = (): StoredImage => {
  expect(rig.service.images.size).toBe(1);
  return [...rig.service.images.values()][0]!;
};

/** Ends a run after its first receipt, so that the next one has something to go on with. */
async function stopAfterFirstPart(partBytes: number = 5 * MiB): Promise<void> {
  rig.service.faults.put.push((_, answer) => answer(), storeAnswers(400, "Nonsense"));
  await expect(rig.upload({ lanes: 1, partBytes })).rejects.toMatchObject({ code: "PART_REFUSED" });
  expect(rig.service.arrived).toEqual([1]);
}

/** A run that ends at its first call of this port. */
async function killAt(port: string): Promise<void> {
  const stop = new AbortController();
  const before = (call: string): void => {
    if (call.startsWith(port)) stop.abort(new Error("killed"));
  };
  rig.spy = { before, after: () => undefined };
  await expect(rig.upload({ signal: stop.signal })).rejects.toThrow("killed");
  rig.spy = { before: () => undefined, after: () => undefined };
}

describe("a fresh upload", () => {
  test("sends each part once, completes the image with the digest and leaves no journal", async () => {
    const result = await rig.upload();

    expect(result).toMatchObject({ sha256, sizeBytes: bytes.length, sentBytes: bytes.length });
    expect(result.resumed).toBe(false);
    expect(theImage().wire).toMatchObject({ upload_status: "completed", sha256 });
    expect(sha256Of(theImage().bytes)).toBe(sha256);
    expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3]);
    expect(await rig.journals.list()).toEqual([]);
    expect([...rig.open]).toEqual([]);
    expect(rig.clock.waiting).toBe(0);
  });

  test("works with memory for a single part", async () => {
    await rig.upload({ memoryBytes: 5 * MiB });

    expect(sha256Of(theImage().bytes)).toBe(sha256);
  });

  test("sends a part again whose connection was reset", async () => {
    rig.service.faults.put.push(resetAfter(0), resetAfter(2 * MiB), resetAfter(5 * MiB));

    await rig.upload();

    expect(sha256Of(theImage().bytes)).toBe(sha256);
  });

  test("of an empty file is refused before the service is asked", async () => {
    rig = new Rig(new Uint8Array());

    await expect(rig.upload()).rejects.toMatchObject({ code: "IMAGE_SIZE" });
    expect(rig.service.calls).toEqual([]);
  });
});

describe("a resumed upload", () => {
  test("sends only the parts without a receipt", async () => {
    await stopAfterFirstPart();

    const result = await rig.upload();

    expect(result).toMatchObject({ resumed: true, sentBytes: bytes.length - 5 * MiB, sha256 });
    expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3]);
    expect(sha256Of(theImage().bytes)).toBe(sha256);
  });

  test("keeps the part length of its first run", async () => {
    await stopAfterFirstPart();

    await rig.upload({ partBytes: 6 * MiB });

    expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3]);
    expect(sha256Of(theImage().bytes)).toBe(sha256);
  });

  test("that has too little memory for its first run's parts says so", async () => {
    await stopAfterFirstPart(6 * MiB);

    const uploading = rig.upload({ memoryBytes: 5 * MiB });

    await expect(uploading).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });

  test("goes on with a file that was touched", async () => {
    await stopAfterFirstPart();
    rig.source.identity = { mtime: "2" };

    const result = await rig.upload();

    expect(result.sentBytes).toBe(bytes.length - 5 * MiB);
    expect(theImage().wire.sha256).toBe(sha256);
  });

  test("of a file that was touched while it was being completed is read again", async () => {
    const stop = new AbortController();
    rig.service.faults.complete.push((answer) => {
      stop.abort(new Error("killed"));
      return answered(503)(answer);
    });
    await expect(rig.upload({ signal: stop.signal })).rejects.toThrow("killed");
    rig.source.identity = { mtime: "2" };

    const result = await rig.upload();

    expect(result).toMatchObject({ sentBytes: 0, sha256 });
    expect(theImage().wire.sha256).toBe(sha256);
  });
});

describe("a file that has other bytes where a part was sent", () => {
  /** Other bytes and other metadata, between two runs. */
  function change(): void {
    rig.source.bytes = bytes.slice();
    rig.source.bytes[7]! ^= 1;
    rig.source.identity = { mtime: "2" };
  }

  test("is never completed", async () => {
    await stopAfterFirstPart();
    change();

    await expect(rig.upload()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

    expect(rig.service.calls).not.toContain("complete");
  });

  test("is uploaded anew where the caller said so", async () => {
    await stopAfterFirstPart();
    change();
    const formerId = theImage().wire.id;

    const result = await rig.upload({ ifSourceChanged: "restart" });

    expect(result).toMatchObject({ resumed: false, sha256: sha256Of(rig.source.bytes) });
    expect(theImage().wire.id).not.toBe(formerId);
    expect(theImage().wire.sha256).toBe(sha256Of(theImage().bytes));
  });

  test("is uploaded anew where the caller says so only after the error that advises it", async () => {
    await stopAfterFirstPart();
    change();
    await expect(rig.upload()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

    const result = await rig.upload({ ifSourceChanged: "restart" });

    expect(result.sha256).toBe(sha256Of(rig.source.bytes));
  });

  test("is not completed by a third run, after a second one that could not tell", async () => {
    const stop = new AbortController();
    rig.service.faults.complete.push((answer) => {
      stop.abort(new Error("killed"));
      return answered(503)(answer);
    });
    await expect(rig.upload({ signal: stop.signal })).rejects.toThrow("killed");
    change();
    await killAt("digest");

    await expect(rig.upload()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  });

  test("though its metadata is the same is an error, also where a restart is allowed", async () => {
    await stopAfterFirstPart();
    change();
    rig.source.identity = { mtime: "1" };

    const uploading = rig.upload({ ifSourceChanged: "restart" });

    await expect(uploading).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  });

  test("tells progress of the new upload only, once it has begun anew", async () => {
    await stopAfterFirstPart();
    change();
    const told: TransferProgress[] = [];

    await rig.upload({
      ifSourceChanged: "restart",
      onProgress: (progress) => void told.push(progress),
    });

    expect(Math.max(...told.map(({ partsDone }) => partsDone))).toBe(3);
    expect(told.at(-1)).toMatchObject({ doneBytes: bytes.length, partsDone: 3, partsTotal: 3 });
  });
});

describe("the token", () => {
  test("is asked for once more after a 401, and then it goes on", async () => {
    let asked = 0;
    rig.token = async () => `token-${++asked}`;
    rig.service.faults.partUrl.push(() => {
      rig.service.token = `token-${asked + 1}`;
      return rig.service.refuse(401);
    });

    // Each call asks for a token; only the one of the moment is taken.
    rig.service.onCall = () => {
      rig.service.token = `token-${asked}`;
    };
    await rig.upload({ lanes: 1 });

    expect(theImage().wire.sha256).toBe(sha256);
  });

  test("that stays refused in the middle ends the upload, and the next run goes on", async () => {
    rig.service.faults.complete.push(...[1, 2, 3].map(() => () => rig.service.refuse(401)));
    rig.service.faults.get.push(...[1, 2].map(() => () => rig.service.refuse(401)));

    await expect(rig.upload()).rejects.toMatchObject({ code: "NOT_AUTHORIZED" });

    rig.service.faults.complete.length = 0;
    const result = await rig.upload();
    expect(result).toMatchObject({ resumed: true, sentBytes: 0 });
  });

  test("function that throws ends the upload with its word", async () => {
    rig.token = () => Promise.reject(new Error("the vault is sealed"));

    await expect(rig.upload()).rejects.toThrow(/vault is sealed/);

    expect([...rig.open]).toEqual([]);
  });
});

describe("an image that is deleted in the middle", () => {
  test("ends the upload when a part's URL is asked for", async () => {
    rig.service.faults.put.push((_, answer) => (rig.service.images.clear(), answer()));
    rig.service.faults.partUrl.push((answer) => answer());

    await expect(rig.upload({ lanes: 1, memoryBytes: 5 * MiB })).rejects.toMatchObject({
      code: expect.stringMatching(/IMAGE_GONE|PART_REFUSED/) as string,
    });

    expect(rig.service.calls).not.toContain("complete");
  });
});

describe("what the store answers", () => {
  test("403 to a URL that has expired: a fresh one is minted, and nothing is waited for", async () => {
    rig.service.faults.put.push(storeAnswers(403, "AccessDenied"));
    const fromMs = rig.clock.monotonicMs();

    await rig.upload({ lanes: 1 });

    expect(rig.clock.monotonicMs()).toBe(fromMs);
    expect(rig.service.calls.filter((call) => call === "partUrl")).toHaveLength(4);
  });

  test("403 to three fresh URLs: it ends", async () => {
    rig.service.faults.put.push(...[1, 2, 3].map(() => storeAnswers(403, "AccessDenied")));

    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({
      code: "PART_REFUSED",
      status: 403,
    });
  });

  test("BadDigest once: the part is read again, and sent again", async () => {
    rig.service.faults.put.push(storeAnswers(400, "BadDigest"));

    await rig.upload();

    expect(theImage().wire.sha256).toBe(sha256);
  });

  test("BadDigest twice: it ends", async () => {
    rig.service.faults.put.push(storeAnswers(400, "BadDigest"), storeAnswers(400, "BadDigest"));

    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });
  });

  test("BadDigest, and the source has other bytes by then: it changed", async () => {
    rig.service.faults.put.push((request, answer, part) => {
      rig.source.bytes = bytes.map((byte) => byte ^ 1);
      return storeAnswers(400, "BadDigest")(request, answer, part);
    });

    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  });

  test("200 before the body is through is no receipt: the part is sent again", async () => {
    rig.service.faults.put.push(async () => ({
      status: 200,
      headers: { etag: '"early"' },
      sentAll: false,
      text: "",
    }));

    await rig.upload();

    expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3]);
  });

  test("200 without an ETag, each time: it ends, and says why", async () => {
    const noEtag: PutFault = async (request) => {
      await sendAll(request);
      return { status: 200, headers: {}, sentAll: true, text: "" };
    };
    rig.service.faults.put.push(...Array.from({ length: 5 }, () => noEtag));

    await expect(rig.upload({ lanes: 1 })).rejects.toThrow(/no ETag/);
  });

  test("nothing at all: the part is sent again after the wait for an answer", async () => {
    rig.service.faults.put.push(neverAnswered);

    await rig.upload({ lanes: 1 }); // another lane would help sooner

    expect(rig.clock.monotonicMs()).toBeGreaterThan(30_000);
    expect(theImage().wire.sha256).toBe(sha256);
  });

  test("and takes no more bytes: the part is sent again after a stall", async () => {
    rig.service.faults.put.push(stalledAfter(2 * MiB));

    await rig.upload({ stallMs: 4_000 });

    expect(theImage().wire.sha256).toBe(sha256);
  });

  test("503 fifty times: it goes on with fewer lanes and finishes", async () => {
    rig.service.faults.put.push(
      ...Array.from({ length: 50 }, () => storeAnswers(503, "SlowDown", { "retry-after": "1" })),
    );

    await rig.upload();

    expect(theImage().wire.sha256).toBe(sha256);
  });

  test("nothing but resets: it ends within the budget and says what has happened last", async () => {
    rig.service.faults.put.push(...Array.from({ length: 5_000 }, () => resetAfter(MiB)));

    const uploading = rig.upload({ retryBudgetMs: 60_000 });

    await expect(uploading).rejects.toMatchObject({ code: "NO_PROGRESS" });
    await expect(uploading).rejects.toThrow(
      "the last try ended with: The connection to the object store ended: ECONNRESET. What",
    );
    expect(rig.clock.monotonicMs()).toBeLessThan(70_000);
    rig.service.faults.put.length = 0;
    await rig.upload();
    expect(sha256Of(theImage().bytes)).toBe(sha256);
  });
});

describe("a failure of one task", () => {
  test("of the digest ends the upload at once, even while the API is down", async () => {
    const died = new Error("the thread died");
    rig.service.faults.partUrl.push(...Array.from({ length: 5_000 }, () => unreachable));
    rig.openDigest = () => {
      const digest = new MemoryDigest(() => bytes);
      digest.beforeTaking = async () => {
        await turn(20);
        throw died;
      };
      return digest;
    };

    await expect(rig.upload()).rejects.toBe(died);

    expect(rig.clock.monotonicMs()).toBeLessThan(35_000);
    expect([...rig.open]).toEqual([]);
    expect(rig.clock.waiting).toBe(0);
  });

  test("of the journal ends the upload with its error", async () => {
    let appends = 0;
    rig.spy = {
      before: (call) => {
        if (call.endsWith(".append") && ++appends > 2) throw new Error("EIO");
      },
      after: () => undefined,
    };

    await expect(rig.upload()).rejects.toMatchObject({ code: "JOURNAL_IO" });

    expect([...rig.open]).toEqual([]);
  });

  test("of a read ends the upload with its error", async () => {
    const error = new Error("EIO");
    rig.source.read = () => Promise.reject(error);

    await expect(rig.upload()).rejects.toBe(error);

    expect([...rig.open]).toEqual([]);
  });
});

describe("a callback that throws", () => {
  test.each([1, 2])(
    "onProgress, at its call %i, ends the upload with what it threw",
    async (at) => {
      const thrown = new Error("no terminal");
      let told = 0;
      const onProgress = (): void => {
        if (++told === at) throw thrown;
      };

      await expect(rig.upload({ onProgress })).rejects.toBe(thrown);

      expect([...rig.open]).toEqual([]);
      await rig.upload();
      expect(theImage().wire.sha256).toBe(sha256);
    },
  );

  test("maxBytesPerSecond ends the upload with what it threw", async () => {
    const thrown = new Error("no configuration");
    const maxBytesPerSecond = (): number => {
      throw thrown;
    };

    await expect(rig.upload({ maxBytesPerSecond })).rejects.toBe(thrown);

    expect([...rig.open]).toEqual([]);
  });
});

test("a limit on the rate is kept", async () => {
  const fromMs = rig.clock.monotonicMs();

  await rig.upload({ maxBytesPerSecond: MiB });

  const tookSec = (rig.clock.monotonicMs() - fromMs) / 1000;
  expect(tookSec).toBeGreaterThan(9);
  expect(tookSec).toBeLessThan(11);
});

test("only one upload of a name goes on at a time", async () => {
  const first = rig.upload();

  await expect(rig.upload()).rejects.toMatchObject({ code: "TRANSFER_LOCKED" });

  await first;
});

test("a name that the service does not take is refused before anything is asked", async () => {
  await expect(rig.upload({}, "-rf")).rejects.toMatchObject({ code: "INVALID_OPTION" });

  expect(rig.service.calls).toEqual([]);
});
