import { crc32 } from "../crc32.js";
import type { Source } from "../ports.js";
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

/** All that can happen to the bytes of a source while it is open. */
export const sourceChanges = ["overwritten", "shortened", "grown", "replaced", "deleted"] as const;

/** What can happen to the bytes of a source while it is open. */
export type SourceChange = (typeof sourceChanges)[number];

/** A source, and the hand that changes what it reads. */
export interface SourceSubject {
  /** The source under test, open. */
  readonly source: Source;
  /** Opens the same thing once more, as the next process would. The suite closes nothing of it. */
  readonly again: () => Promise<Source>;
  /** Changes the bytes behind the source. Resolves when a reader would see it. */
  change(how: SourceChange): Promise<void>;
  /** Closes everything that was opened. */
  close(): Promise<void>;
}

/** What every source must do. */
export interface SourceSuite extends Suite {
  /** A source of exactly these bytes, not shared with any other test. */
  readonly open: (bytes: Uint8Array) => Promise<SourceSubject>;
}

const never = new AbortController().signal;
const image = bytesOf(200_001);

/** The suite of a source. */
export function sourceContract(suite: SourceSuite): void {
  const check = checksOf<SourceSubject>(suite, async (run) => {
    const subject = await suite.open(image);
    try {
      await run(subject);
    } finally {
      await subject.close();
    }
  });
  readingChecks(check);
  abortChecks(check);
  identityChecks(check);
  changeChecks(check);
  rereadingChecks(check);
  smallestCheck(suite);
}

function smallestCheck(suite: SourceSuite): void {
  suite.test("a source of one byte is read", async () => {
    const subject = await suite.open(new Uint8Array([7]));
    try {
      expectEqual(subject.source.sizeBytes, 1);
      expectBytes(await readAt(subject.source, 0, 1), new Uint8Array([7]));
    } finally {
      await subject.close();
    }
  });
}

function readingChecks(check: Check<SourceSubject>): void {
  check("it tells its size and a name for people", async ({ source }) => {
    expectEqual(source.sizeBytes, image.length);
    expectEqual(source.label.length > 0, true);
  });

  check("all of it is read at once, and each slice from its offset", async ({ source }) => {
    expectBytes(await readAt(source, 0, image.length), image);
    for (const offset of [0, 1, 4_095, 4_096, 65_535, 131_073, image.length - 1]) {
      const length = Math.min(65_537, image.length - offset);
      const wanted = image.subarray(offset, offset + length);
      expectBytes(await readAt(source, offset, length), wanted);
    }
  });

  check("several reads at once, of the same bytes too, do not mix", async ({ source }) => {
    const offsets = [150_000, 0, 75_000, 0, 150_000, 25_000];
    const read = await Promise.all(offsets.map((offset) => readAt(source, offset, 50_001)));
    for (const [index, offset] of offsets.entries()) {
      expectBytes(read[index] ?? new Uint8Array(), image.subarray(offset, offset + 50_001));
    }
  });

  check("a read fills its memory and nothing beside it", async ({ source }) => {
    const memory = new Uint8Array(3_000).fill(0xaa);
    await source.read(500, memory.subarray(1_000, 2_000), never);
    expectBytes(memory.subarray(1_000, 2_000), image.subarray(500, 1_500));
    const beside = [...memory.subarray(0, 1_000), ...memory.subarray(2_000)];
    expectEqual(
      beside.every((byte) => byte === 0xaa),
      true,
    );
  });
}

function abortChecks(check: Check<SourceSubject>): void {
  check("a read that was aborted before rejects with the reason", async ({ source }) => {
    const reason = new Error("enough");
    const abort = new AbortController();
    abort.abort(reason);
    await expectReason(reason, source.read(0, new Uint8Array(1_000), abort.signal));
    expectBytes(await readAt(source, 0, 1_000), image.subarray(0, 1_000));
  });

  check(
    "a read obeys an abort while it is slow, and leaves its memory alone then",
    async ({ source }) => {
      const reason = new Error("enough");
      const abort = new AbortController();
      const into = new Uint8Array(image.length);
      const reading = source.read(0, into, abort.signal);
      abort.abort(reason);
      await reading.catch((error: unknown) => expectReason(reason, Promise.reject(error as Error)));
      into.fill(0xaa);
      await readAt(source, 0, image.length); // time in which a late write would come
      expectEqual(
        into.every((byte) => byte === 0xaa),
        true,
      );
    },
  );
}

function identityChecks(check: Check<SourceSubject>): void {
  check("while nothing changes, it stays the same file", async ({ source }) => {
    await source.check();
    await readAt(source, 0, 1_000);
    await source.check();
  });

  check("opened again, it has the same identity", async ({ source, again }) => {
    const { identity, sizeBytes } = await again();
    expectEqual(Object.keys(identity).length > 0, true);
    expectEqual(identity, source.identity);
    expectEqual(sizeBytes, source.sizeBytes);
  });
}

function changeChecks(check: Check<SourceSubject>): void {
  for (const how of sourceChanges) {
    check(`one that was ${how} is SourceChangedError when looked at`, async (subject) => {
      await readAt(subject.source, 0, 1_000);
      await subject.change(how);
      await expectRejection("SOURCE_CHANGED", subject.source.check());
    });

    check(`one that was ${how} is SourceChangedError when read`, async (subject) => {
      const { source } = subject;
      await readAt(source, 0, 1_000);
      await subject.change(how);
      const reading = readAt(source, 0, image.length);
      if (source.reopen === undefined || !keepsSize(how)) {
        return expectRejection("SOURCE_CHANGED", reading);
      }
      await reading;
      return expectRejection("SOURCE_CHANGED", source.check());
    });

    check(
      `one that was ${how} is SourceChangedError when reopened, or read as it is`,
      async (subject) => {
        const { source } = subject;
        await readAt(source, 0, 1_000);
        await subject.change(how);
        if (source.reopen === undefined) return;
        const reopening = source.reopen(never);
        if (!keepsSize(how)) return expectRejection("SOURCE_CHANGED", reopening);
        await reopening;
        await source.check();
        const isSame = crc32(await readAt(source, 0, image.length)) === crc32(image);
        if (how === "overwritten") expectEqual(isSame, false);
        expectEqual(source.identity, (await subject.again()).identity);
      },
    );
  }
}

const keepsSize = (how: SourceChange): boolean => how === "overwritten" || how === "replaced";

function rereadingChecks(check: Check<SourceSubject>): void {
  check("where a range can be read again, its CRC-32 is that of its bytes", async ({ source }) => {
    const got = await source.crc32Now?.(1_000, 100_000);
    if (got !== undefined) expectEqual(got, crc32(image.subarray(1_000, 101_000)));
  });

  for (const how of ["overwritten", "replaced"] as const) {
    check(`where a range can be read again, one that was ${how} is seen`, async (subject) => {
      const { source } = subject;
      if (source.crc32Now === undefined) return;
      await subject.change(how);
      const now = await source.crc32Now(0, image.length).catch((error: unknown) => error);
      if (now instanceof Error) await expectRejection("SOURCE_CHANGED", Promise.reject(now));
      else expectEqual(now === crc32(image), false);
    });
  }
}

async function readAt(source: Source, offset: number, lengthBytes: number): Promise<Uint8Array> {
  const into = new Uint8Array(lengthBytes);
  await source.read(offset, into, never);
  return into;
}
