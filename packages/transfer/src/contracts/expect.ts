/** What every suite takes: a test framework's `test`, and what the adapter is known not to do. */
export interface Suite {
  /** Adds one test: the framework's own function. */
  readonly test: (title: string, run: () => void | Promise<void>) => unknown;
  /** Reasons by title of a test that does not apply, so that the gap is seen. */
  readonly cannot: Readonly<Record<string, string>>;
}

/** Adds one test to a suite; `run` gets a fresh subject. */
export type Check<Subject> = (title: string, run: (subject: Subject) => Promise<void>) => void;

/**
 * How a suite adds its tests. What the adapter cannot do is listed as such and does not run.
 *
 * @param use Opens a subject, hands it on, and closes it on every path.
 */
export function checksOf<Subject>(
  { test, cannot }: Suite,
  use: (run: (subject: Subject) => Promise<void>) => Promise<void>,
): Check<Subject> {
  return (title, run) => {
    const gap = cannot[title];
    if (gap === undefined) test(title, () => use(run));
    else test(`${title} (not here: ${gap})`, () => undefined);
  };
}

export function expectEqual(got: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`Expected ${b}, but got ${a}.`);
}

export function expectBytes(got: Uint8Array, wanted: Uint8Array): void {
  expectEqual(got.length, wanted.length);
  const at = got.findIndex((byte, index) => byte !== wanted[index]);
  if (at !== -1) throw new Error(`Byte ${at} is ${got[at]}, not ${wanted[at]}.`);
}

/** Resolves if `promise` rejects with an error of this code. */
export async function expectRejection(code: string, promise: Promise<unknown>): Promise<void> {
  const error = await rejectionOf(promise);
  if (error instanceof Error && "code" in error && error.code === code) return;
  throw new Error(`Expected a rejection with ${code}.`, { cause: error });
}

/** Resolves if `promise` rejects with this very reason. */
export async function expectReason(reason: unknown, promise: Promise<unknown>): Promise<void> {
  const error = await rejectionOf(promise);
  if (error !== reason) throw new Error("Expected the signal's own reason.", { cause: error });
}

/** What a promise rejects with, whatever it is; an error of its own if it resolves. */
export function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error("Expected a rejection, but it resolved.");
    },
    (reason: unknown) => reason,
  );
}

/** Bytes that look random and are the same each time. */
export function bytesOf(lengthBytes: number, seed: number = 1): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  let x = seed;
  for (let at = 0; at < lengthBytes; at++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[at] = x;
  }
  return bytes;
}
