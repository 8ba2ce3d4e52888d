import { describe, expect, test } from "vitest";
import { MiB } from "./plan.js";
import { sha256Of } from "./testing/fake-service.js";
import { DiskError } from "./errors.js";
import { aborted, answerLost, later, resetAfter, right } from "./testing/faults.js";
import { MemoryDigest, seededBytes } from "./testing/memory-ports.js";
import { stopAfterFirstPart } from "./testing/one-upload.js";
import { Rig } from "./testing/rig.js";

const bytes = seededBytes(5 * MiB + 3);
const sha256 = sha256Of(bytes);

type When = "before" | "after";

/** Aborts at the n-th call of a port, as it is made or once it has settled. */
function abortAt(rig: Rig, n: number, when: When): AbortController {
  const stop = new AbortController();
  let calls = 0;
  const count = (): void => {
    if (++calls === n) stop.abort(new Error(`stopped at ${n}`));
  };
  const ignore = (): void => undefined;
  rig.spy = {
    before: when === "before" ? count : ignore,
    after: when === "after" ? count : ignore,
  };
  return stop;
}

/** Fewer would mean that the spy sees less than all ports. */
const leastCalls = 30;

/** Runs with an abort at call n, then again without. @returns Whether the first run came to call n. */
async function stopAndGoOn(
  n: number,
  when: When,
  rig: Rig,
  run: (options: { signal?: AbortSignal }) => Promise<{ sha256: string }>,
): Promise<boolean> {
  const sha256 = sha256Of(rig.source.bytes);
  const { signal } = abortAt(rig, n, when);
  const error: unknown = await run({ signal }).then(
    () => null,
    (reason: unknown) => reason,
  );
  rig.spy = { before: () => undefined, after: () => undefined };
  expect([...rig.open], `left open after a stop at call ${n}`).toEqual([]);
  expect(rig.clock.waiting, `waits left after a stop at call ${n}`).toBe(0);
  if (error === null) return signal.aborted; // stopped when all was done already
  expect(error).toBe(signal.reason);
  expect((await run({})).sha256).toBe(sha256);
  return true;
}

describe.each<When>(["before", "after"])("an abort %s each call of a port", (when) => {
  // fault D45
  test("of an upload ends it with the signal's reason, and the next run resumes", async () => {
    let n = 1;
    for (let came = true; came; n++) {
      const rig = new Rig(bytes);
      rig.service.faults.put.push(resetAfter(MiB));
      came = await stopAndGoOn(n, when, rig, (options) => rig.upload(options));
      if (came) expect([...rig.service.images.values()].at(-1)!.wire.sha256).toBe(sha256);
    }
    expect(n).toBeGreaterThan(leastCalls);
  });

  test("of an upload with an adopted image ends it with the signal's reason", async () => {
    let n = 1;
    for (let came = true; came; n++) {
      const rig = new Rig(bytes.subarray(0, 1_000));
      rig.service.faults.start.push(answerLost);
      came = await stopAndGoOn(n, when, rig, (options) => rig.upload(options));
    }
    expect(n).toBeGreaterThan(leastCalls);
  });

  // fault D45
  test("of a download ends it with the signal's reason, and the next run resumes", async () => {
    let n = 1;
    for (let came = true; came; n++) {
      const rig = new Rig(bytes);
      rig.service.add("disk", "completed", bytes);
      came = await stopAndGoOn(n, when, rig, (options) => rig.download("disk", options));
      if (came) expect(sha256Of(rig.sink.target!)).toBe(sha256);
    }
    expect(n).toBeGreaterThan(leastCalls);
  });
});

test("a signal that has aborted already ends an upload before anything is opened", async () => {
  const rig = new Rig(bytes);
  const signal = AbortSignal.abort("no reason at all");

  await expect(rig.upload({ signal })).rejects.toBe("no reason at all");

  expect(rig.service.calls).toEqual([]);
});

test("a reason that is no error is what an upload rejects with", async () => {
  const rig = new Rig(bytes);
  const stop = new AbortController();
  rig.service.faults.put.push((_, answer) => (stop.abort("enough"), answer()));

  await expect(rig.upload({ signal: stop.signal })).rejects.toBe("enough");
});

/** A part comes before the one that the digest waits for, which then takes for ever, as does the disk. */
function laggingDownload(): Rig {
  const rig = new Rig(bytes);
  rig.service.add("disk", "completed", bytes);
  const digest = new MemoryDigest(() => rig.sink.part);
  digest.beforeTaking = () => new Promise<void>(() => undefined);
  rig.digestOfSink = () => digest;
  rig.service.faults.getBytes.push(later(rig.clock, right), right);
  return rig;
}

describe("a download whose digest lags behind leaves no promise without a handler", () => {
  // fault D45
  test("when it is stopped while a part is written", async () => {
    const rig = laggingDownload();
    const stop = new AbortController();
    rig.sink.write = (_, __, signal) => {
      void rig.clock.wait(10_000, signal).then(
        () => stop.abort("enough"),
        () => undefined,
      );
      return aborted(signal);
    };

    await expect(rig.download("disk", { signal: stop.signal })).rejects.toBe("enough");

    expect([...rig.open]).toEqual([]);
  });

  test("when its disk fails", async () => {
    const rig = laggingDownload();
    const full = new DiskError("no space");
    rig.sink.write = async (_, __, signal) => {
      await rig.clock.wait(10_000, signal);
      throw full;
    };

    await expect(rig.download("disk")).rejects.toBe(full);

    expect([...rig.open]).toEqual([]);
  });
});

describe("an abort does not wait for a disk that hangs", () => {
  const forever = (): Promise<never> => new Promise(() => undefined);

  // fault D45
  test("where the digest of an upload reads what was sent before", async () => {
    const rig = new Rig(bytes);
    await stopAfterFirstPart(rig);
    const digest = new MemoryDigest(() => rig.source.bytes);
    digest.beforeTaking = forever;
    rig.openDigest = () => digest;

    await expectQuickStop(rig, (signal) => rig.upload({ signal }));
  });

  // fault D45
  test("where an upload reads its next part", async () => {
    const rig = new Rig(bytes);
    rig.source.read = forever;

    await expectQuickStop(rig, (signal) => rig.upload({ signal }));
  });

  test("where the digest of a file that may be the image already reads it", async () => {
    const rig = new Rig(bytes);
    rig.service.add("disk", "completed", bytes);
    const digest = new MemoryDigest(() => rig.source.bytes);
    digest.beforeTaking = forever;
    rig.openDigest = () => digest;

    await expectQuickStop(rig, (signal) => rig.upload({ signal, ifNameTaken: "verify" }));
  });
});

async function expectQuickStop(
  rig: Rig,
  run: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const stop = new AbortController();
  let stoppedMs = Infinity;
  const hour = rig.clock.wait(3_600_000, stop.signal).then(() => {
    stoppedMs = rig.clock.monotonicMs();
    stop.abort("enough");
  });
  await expect(run(stop.signal)).rejects.toBe("enough");
  await hour;
  expect(rig.clock.monotonicMs() - stoppedMs).toBeLessThan(1_000);
}
