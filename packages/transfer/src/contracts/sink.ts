import type { Sink } from "../ports.js";
import {
  bytesOf,
  checksOf,
  expectBytes,
  expectEqual,
  expectReason,
  expectRejection,
  type Check,
  type Suite,
} from "./expect.js";

/** The place of one download: its target, and the part file that becomes it. */
export interface SinkSubject {
  /** Opens the sink of this place, as each process that continues would: what an earlier one wrote stays. */
  open(): Promise<Sink>;
  /** What stands at the target, null if nothing does. */
  target(): Promise<Uint8Array | null>;
  /** Puts something at the target that a sink may not replace. */
  occupy(): Promise<void>;
  /** Closes every sink that was opened, and deletes the place. */
  close(): Promise<void>;
}

/** What every sink must do. */
export interface SinkSuite extends Suite {
  /** An empty place, not shared with any other test. Its sinks may not replace what is there. */
  readonly open: () => Promise<SinkSubject>;
}

const never = new AbortController().signal;
const partBytes = 150_000;
const blockBytes = 65_536;

/** Data, blocks of zeros in the middle, and zeros at the end: what a sparse sink may leave out. */
const image = bytesOf(4 * partBytes + 1);
image.fill(0, blockBytes, 3 * blockBytes);
image.fill(0, 3 * partBytes - 10);

/** The suite of a sink. */
export function sinkContract(suite: SinkSuite): void {
  const check = checksOf<SinkSubject>(suite, async (run) => {
    const subject = await suite.open();
    try {
      await run(subject);
    } finally {
      await subject.close();
    }
  });
  writingChecks(check);
  abortChecks(check);
  leftoverChecks(check);
  committingChecks(check);
  refusalChecks(check);
}

function writingChecks(check: Check<SinkSubject>): void {
  check("what was written in any order stands at the target once committed", async (at) => {
    const sink = await opened(at);
    await prepare(sink, image, false);
    for (const number of [3, 0, 4, 2, 1]) await writePart(sink, image, number);
    await sink.sync();
    expectEqual(await at.target(), null);
    await sink.commit();
    expectBytes(await contentsOf(at), image);
  });

  check("writes of different parts may run at the same time", async (at) => {
    const sink = await opened(at);
    await prepare(sink, image, false);
    await Promise.all([0, 1, 2, 3, 4].map((number) => writePart(sink, image, number)));
    await sink.sync();
    await sink.commit();
    expectBytes(await contentsOf(at), image);
  });

  check("an image of nothing but zeros is kept", async (at) => {
    const zeros = new Uint8Array(2 * blockBytes + 1);
    const sink = await opened(at);
    await prepare(sink, zeros, false);
    await sink.write(0, zeros, never);
    await sink.commit();
    expectBytes(await contentsOf(at), zeros);
  });

  check("an image of one byte is kept", async (at) => {
    const sink = await opened(at);
    await prepare(sink, new Uint8Array([7]), false);
    await sink.write(0, new Uint8Array([7]), never);
    await sink.commit();
    expectBytes(await contentsOf(at), new Uint8Array([7]));
  });

  check("the caller may use its memory again once a write has resolved", async (at) => {
    const sink = await opened(at);
    await prepare(sink, image, false);
    const memory = image.slice();
    await sink.write(0, memory, never);
    memory.fill(0xaa);
    await sink.commit();
    expectBytes(await contentsOf(at), image);
  });
}

function abortChecks(check: Check<SinkSubject>): void {
  check("a write that was aborted before rejects with the reason", async (at) => {
    const sink = await opened(at);
    await prepare(sink, image, false);
    const reason = new Error("enough");
    const abort = new AbortController();
    abort.abort(reason);
    await expectReason(reason, sink.write(0, image.subarray(0, 1_000), abort.signal));
  });

  check("a write obeys an abort while it is slow, and leaves its memory alone then", async (at) => {
    const sink = await at.open();
    await prepare(sink, image, false);
    const reason = new Error("enough");
    const abort = new AbortController();
    const memory = image.slice();
    const writing = sink.write(0, memory, abort.signal);
    abort.abort(reason);
    await writing.catch((error: unknown) => expectReason(reason, Promise.reject(error as Error)));
    memory.fill(0xaa);
    await prepare(sink, image, true);
    for (const number of [0, 1, 2, 3, 4]) await writePart(sink, image, number);
    await sink.commit();
    expectBytes(await contentsOf(at), image);
  });
}

function leftoverChecks(check: Check<SinkSubject>): void {
  check("what was synced is kept for the next run, under the same identity", async (at) => {
    const first = await opened(at);
    await prepare(first, image, false);
    for (const number of [0, 2]) await writePart(first, image, number);
    await first.sync();
    const next = await at.open();
    expectEqual(await next.open(), true);
    expectEqual(next.identity, first.identity);
    await prepare(next, image, true);
    for (const number of [1, 3, 4]) await writePart(next, image, number);
    await next.commit();
    expectBytes(await contentsOf(at), image);
  });

  // fault D30
  check("zeros are zeros also where an earlier try wrote other bytes", async (at) => {
    const other = bytesOf(image.length, 7);
    const first = await opened(at);
    await prepare(first, other, false);
    await first.write(0, other, never);
    await first.sync();
    const next = await opened(at);
    await prepare(next, image, true);
    for (const number of [0, 1, 2, 3, 4]) await writePart(next, image, number);
    await next.commit();
    expectBytes(await contentsOf(at), image);
  });

  check("zeros are zeros also where this very run wrote other bytes", async (at) => {
    const sink = await opened(at);
    await prepare(sink, image, false);
    await sink.write(0, bytesOf(image.length, 7), never);
    await prepare(sink, image, true);
    for (const number of [4, 3, 2, 1, 0]) await writePart(sink, image, number);
    await sink.commit();
    expectBytes(await contentsOf(at), image);
  });

  check("prepared again, nothing is left of a longer image", async (at) => {
    const first = await opened(at);
    await prepare(first, image, false);
    await first.write(0, image, never);
    await first.sync();
    const next = await opened(at);
    const short = new Uint8Array(1_000);
    await prepare(next, short, false);
    await next.write(0, short, never);
    await next.commit();
    expectBytes(await contentsOf(at), short);
  });
}

function committingChecks(check: Check<SinkSubject>): void {
  check("what came to the target meanwhile is not replaced", async (at) => {
    const sink = await opened(at);
    await prepare(sink, image, false);
    await sink.write(0, image, never);
    await at.occupy();
    const before = await contentsOf(at);
    await expectRejection("TARGET_EXISTS", sink.commit());
    expectBytes(await contentsOf(at), before);
  });

  check("discarding leaves nothing at the target, and again is no error", async (at) => {
    const sink = await opened(at);
    await prepare(sink, image, false);
    await sink.write(0, image, never);
    await sink.discard();
    await sink.discard();
    expectEqual(await at.target(), null);
  });

  check("after discarding, the next run starts from nothing", async (at) => {
    const first = await opened(at);
    await prepare(first, image, false);
    await first.write(0, bytesOf(image.length, 7), never);
    await first.sync();
    await first.discard();
    const next = await opened(at);
    await prepare(next, image, false);
    for (const number of [0, 1, 2, 3, 4]) await writePart(next, image, number);
    await next.commit();
    expectBytes(await contentsOf(at), image);
  });
}

function refusalChecks(check: Check<SinkSubject>): void {
  check("an image for which there is no room is refused before a byte comes", async (at) => {
    const sink = await opened(at);
    const sizeBytes = Number.MAX_SAFE_INTEGER;
    const refused = sink.prepare({ sizeBytes, missingBytes: sizeBytes }, false);
    await expectRejection("NOT_ENOUGH_SPACE", refused);
    expectEqual(await at.target(), null);
  });
}

/** As every run does, under its journal's lock. */
async function opened(at: SinkSubject): Promise<Sink> {
  const sink = await at.open();
  await sink.open();
  return sink;
}

const prepare = (sink: Sink, of: Uint8Array, keep: boolean): Promise<void> =>
  sink.prepare({ sizeBytes: of.length, missingBytes: of.length }, keep);

async function writePart(sink: Sink, of: Uint8Array, number: number): Promise<void> {
  const start = number * partBytes;
  await sink.write(start, of.subarray(start, start + partBytes), never);
}

async function contentsOf(at: SinkSubject): Promise<Uint8Array> {
  const found = await at.target();
  if (found === null) throw new Error("Nothing stands at the target.");
  return found;
}
