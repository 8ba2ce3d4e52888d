/** What every suite takes: a test framework's `test`, and what the adapter is known not to do. */
export interface Suite {
  readonly test: (title: string, run: () => void | Promise<void>) => unknown;
  /** Reasons by title of a test that does not apply, so that the gap is seen. */
  readonly cannot: Readonly<Record<string, string>>;
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
  const error = await promise.then(
    () => new Error("it resolved"),
    (reason: unknown) => reason,
  );
  if (error instanceof Error && "code" in error && error.code === code) return;
  throw new Error(`Expected a rejection with ${code}.`, { cause: error });
}
