import { SfcCore } from "@img/core/core.js";
import { describe, expect, test } from "vitest";
import { InvalidOptionError } from "./errors.js";
import {
  checkPartsFit,
  resolveDownloadOptions,
  resolveUploadOptions,
  type TransferOptions,
  type UploadOptions,
} from "./options.js";
import { MiB } from "./plan.js";

test("without options every value has its default", () => {
  const options = resolveUploadOptions({}, new SfcCore());

  expect(options).toMatchObject({
    wantedPartBytes: null,
    startLanes: 4,
    maxLanes: 32,
    memoryBytes: 256 * MiB,
    retryBudgetMs: 600_000,
    stallMs: 30_000,
    force: false,
    ifSourceChanged: "fail",
    ifImageGone: "fail",
    ifNameTaken: "fail",
  });
  expect(options.bytesPerSecond()).toBe(Infinity);
  expect(options.signal.aborted).toBe(false);
  expect(resolveDownloadOptions({}, new SfcCore()).keepOnMismatch).toBe(false);
});

test("undefined is the same as left out", () => {
  const { tell, ...options } = resolveUploadOptions(
    { lanes: undefined, force: undefined },
    new SfcCore(),
  );

  expect(options).toMatchObject({ startLanes: 4, maxLanes: 32, force: false });
  expect(() => tell({ event: "phase", phase: "moving" })).not.toThrow();
});

test("what was given is kept, and the object is not changed", () => {
  const given = Object.freeze({ lanes: 7, partBytes: 6 * MiB, keepOnMismatch: true, force: true });

  const options = resolveDownloadOptions(given, new SfcCore());

  expect(options).toMatchObject({ startLanes: 7, maxLanes: 7, wantedPartBytes: 6 * MiB });
  expect(options).toMatchObject({ keepOnMismatch: true, force: true });
});

const numbers: [keyof TransferOptions, number[]][] = [
  ["partBytes", [0, 1, 5 * MiB - 1, 6e6 + 0.5, NaN, 5 * 1024 * MiB + 1]],
  ["lanes", [0, 33, 1.5, NaN]],
  ["memoryBytes", [0, -1, NaN, Infinity]],
  ["retryBudgetMs", [-1, NaN, 0.5]],
  ["stallMs", [99, 2 ** 31, NaN]],
  ["maxBytesPerSecond", [0, 1_023, NaN, -Infinity]],
];

test.each(numbers)("%s out of range is refused by name", (option, values) => {
  for (const value of values) {
    expect(() => resolveUploadOptions({ [option]: value }, new SfcCore())).toThrow(
      InvalidOptionError,
    );
    expect(() => resolveUploadOptions({ [option]: value }, new SfcCore())).toThrow(
      new RegExp(`^${option} must`),
    );
  }
});

test("a rate that is a text is refused", () => {
  const given = { maxBytesPerSecond: "5000" } as unknown as TransferOptions;

  expect(() => resolveUploadOptions(given, new SfcCore())).toThrow(
    /maxBytesPerSecond must be a number/,
  );
});

test.each(["ifSourceChanged", "ifImageGone", "ifNameTaken"])(
  "%s takes its words only",
  (option) => {
    const given = { [option]: "perhaps" } as UploadOptions;

    expect(() => resolveUploadOptions(given, new SfcCore())).toThrow(
      `${option} must be one of fail, `,
    );
  },
);

describe("a rate that is a function", () => {
  test("is asked each time", () => {
    let rate = 2_000;
    const { bytesPerSecond } = resolveUploadOptions(
      { maxBytesPerSecond: () => rate },
      new SfcCore(),
    );

    expect(bytesPerSecond()).toBe(2_000);
    rate = 3_000;
    expect(bytesPerSecond()).toBe(3_000);
  });

  test("gives at least 1,024, and no limit for Infinity", () => {
    const rateOf = (rate: number): number =>
      resolveUploadOptions({ maxBytesPerSecond: () => rate }, new SfcCore()).bytesPerSecond();

    expect([0, -5, 1_024, Infinity].map(rateOf)).toEqual([1_024, 1_024, 1_024, Infinity]);
  });

  test("that gives no number is an error, at once or later", () => {
    const rates = [NaN, 2_000, NaN];
    const maxBytesPerSecond = (): number => rates.shift()!;

    expect(() => resolveUploadOptions({ maxBytesPerSecond }, new SfcCore())).toThrow(
      InvalidOptionError,
    );
    const { bytesPerSecond } = resolveUploadOptions({ maxBytesPerSecond }, new SfcCore());
    expect(bytesPerSecond).toThrow(InvalidOptionError);
  });
});

const fits = (memoryBytes: number, partBytes: number): void =>
  checkPartsFit({ lanes: null, memoryBytes }, { mostPartBytes: MiB }, Infinity, partBytes);

test("memory for less than a part is refused", () => {
  expect(() => fits(MiB - 1, MiB)).toThrow(/memoryBytes must be at least one part/);
  expect(() => fits(MiB, MiB)).not.toThrow();
});

test("only the bytes that an image has must fit into memory, not a whole part", () => {
  const room = { lanes: 4, memoryBytes: 2 * MiB };
  const platform = { mostPartBytes: 8 * MiB };

  expect(() => checkPartsFit(room, platform, MiB, 8 * MiB)).not.toThrow();
  expect(() => checkPartsFit(room, platform, 3 * MiB, MiB)).toThrow(/lanes must be at most 2/);
});

// fault D44
test("a part that the platform cannot hold at once is refused", () => {
  expect(() => fits(2 * MiB, MiB + 1)).toThrow(/partBytes must be at most 1048576/);
});

test.each<[UploadOptions, UploadOptions]>([
  [{ readBack: true }, { verify: "download" }],
  [{ partChecksums: "md5" }, { verifyParts: "md5" }],
  [{ ifNameTaken: "accept-same" }, { ifNameTaken: "verify" }],
])("%o can still be given as %o", (now, former) => {
  const resolved = (given: UploadOptions): unknown => {
    const { readBack, partChecksums, ifNameTaken } = resolveUploadOptions(given, new SfcCore());
    return { readBack, partChecksums, ifNameTaken };
  };
  expect(resolved(former)).toEqual(resolved(now));
  expect(resolved(now)).not.toEqual(resolved({}));
});
