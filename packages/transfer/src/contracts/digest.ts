import type { Digest } from "../ports.js";
import { bytesOf, checksOf, expectEqual, rejectionOf, type Check, type Suite } from "./expect.js";

/** A digest, and the memory that it can see. */
export interface DigestSubject {
  /** The digest under test, which has taken nothing yet. */
  readonly digest: Digest;
  /** As `Platform.allocate`. */
  allocate(bytes: number): Uint8Array;
  /** Closes the digest and deletes its file. */
  close(): Promise<void>;
}

/** What every digest must do. */
export interface DigestSuite extends Suite {
  /** A digest whose `updateFromFile` reads these bytes, not shared with any other test. */
  readonly open: (file: Uint8Array) => Promise<DigestSubject>;
}

const file = bytesOf(700_001);
/** Of `file`, and of nothing, as any other tool makes them. */
const fileSha256 = "3d1b2a9f3134d9a15bd545a838d19f9c4e1494f8070f43ae475a264ab7cfbac3";
const fileCrc32 = 0xcf8bdae5;
const nothingSha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The suite of a digest. */
export function digestContract(suite: DigestSuite): void {
  const check = checksOf<DigestSubject>(suite, async (run) => {
    const subject = await suite.open(file);
    try {
      await run(subject);
    } finally {
      await subject.close();
    }
  });
  vectorChecks(check);
  orderChecks(check);
  readingChecks(check);
  failureChecks(check);
}

function vectorChecks(check: Check<DigestSubject>): void {
  check("the digest of nothing is that of FIPS 180-4", async ({ digest }) => {
    expectEqual(await digest.finish(), nothingSha256);
  });

  check("the digest of abc is that of FIPS 180-4", async (subject) => {
    await subject.digest.update(inMemory(subject, ascii("abc")));
    expectEqual(
      await subject.digest.finish(),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  check("each feeding tells the CRC-32 of its bytes alone", async (subject) => {
    const digits = inMemory(subject, ascii("123456789"));
    expectEqual(await subject.digest.update(digits), 0xcbf43926);
    expectEqual(await subject.digest.update(digits), 0xcbf43926);
    expectEqual(await subject.digest.update(inMemory(subject, file)), fileCrc32);
    expectEqual(await subject.digest.updateFromFile(0, file.length), fileCrc32);
  });
}

function orderChecks(check: Check<DigestSubject>): void {
  check("memory and file are one stream, in the order of the calls", async (subject) => {
    const { digest } = subject;
    const calls = [
      digest.update(inMemory(subject, file.subarray(0, 300_000))),
      digest.updateFromFile(300_000, 1),
      digest.updateFromFile(300_001, 299_999),
      digest.update(inMemory(subject, file.subarray(600_000))),
    ];
    const [sha256] = await Promise.all([digest.finish(), ...calls]);
    expectEqual(sha256, fileSha256);
  });

  check("a slice of larger memory is taken, not what is around it", async (subject) => {
    const memory = inMemory(subject, file);
    for (let at = 0; at < file.length; at += 99_991) {
      await subject.digest.update(memory.subarray(at, at + 99_991));
    }
    expectEqual(await subject.digest.finish(), fileSha256);
  });

  check("memory may be used again once its feeding has resolved", async (subject) => {
    const memory = inMemory(subject, file);
    await subject.digest.update(memory);
    memory.fill(0);
    expectEqual(await subject.digest.finish(), fileSha256);
  });
}

/** A digest that does not read parts, or leaves one to others, has nothing to show here. */
function readingChecks(check: Check<DigestSubject>): void {
  check("a part that is read into memory is there, and taken once", async (subject) => {
    const { digest } = subject;
    const memory = subject.allocate(300_000);
    const crc32 = (await digest.readInto?.(0, memory)) ?? null;
    if (crc32 !== null) expectEqual(memory.slice(), file.slice(0, 300_000));
    else await digest.update(inMemory(subject, file.subarray(0, 300_000)));
    await digest.updateFromFile(300_000, file.length - 300_000);
    expectEqual(await digest.finish(), fileSha256);
  });

  check("of a part that cannot be read into memory nothing is taken", async (subject) => {
    const { digest } = subject;
    const beyond = subject.allocate(600_000);
    expectEqual((await digest.readInto?.(file.length - 599_999, beyond)) ?? null, null);
    await digest.update(inMemory(subject, file));
    expectEqual(await digest.finish(), fileSha256);
  });
}

function failureChecks(check: Check<DigestSubject>): void {
  check("a file that ends too early is an error, never a digest of less", async ({ digest }) => {
    const error = await rejectionOf(digest.updateFromFile(file.length - 10, 11));
    expectEqual(error instanceof Error, true);
  });

  check("closing ends what is running, and again is no error", async (subject) => {
    const under = subject.digest.updateFromFile(0, file.length).catch(() => 0);
    await subject.digest.close();
    await subject.digest.close();
    await under; // settled, with either
    await rejectionOf(subject.digest.update(inMemory(subject, ascii("abc"))));
    await rejectionOf(subject.digest.finish());
  });

  check("a digest rejects what is pending when it is closed", async ({ digest }) => {
    const pending = Array.from({ length: 20 }, () => digest.updateFromFile(0, file.length));
    const settled = Promise.allSettled([...pending, digest.finish()]);
    await digest.close();
    const outcomes = (await settled).map(({ status }) => status);
    // What it had taken by then may be told; what came after has no answer any more.
    const first = outcomes.indexOf("rejected");
    const after = first === -1 ? [] : outcomes.slice(first);
    expectEqual(
      after.every((status) => status === "rejected"),
      true,
    );
  });

  check("nothing can be fed once it has finished", async (subject) => {
    await subject.digest.finish();
    await rejectionOf(subject.digest.update(inMemory(subject, ascii("abc"))));
  });
}

function inMemory(subject: DigestSubject, bytes: Uint8Array): Uint8Array {
  const memory = subject.allocate(bytes.length);
  memory.set(bytes);
  return memory;
}
