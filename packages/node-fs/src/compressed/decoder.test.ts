import { randomFillSync } from "node:crypto";
import { expect, test } from "vitest";
import { diskOf, gzip, hasPackers, xz, zstd } from "../testing/packers.js";
import type { Compression } from "./compression.js";
import { compressionOf } from "./compression.js";
import { Decoder, type DecodeFault } from "./decoder.js";

/** What a compressed file unpacks to, or what is wrong with it. @param pieceBytes How it is read. */
async function unpacked(
  packed: Uint8Array,
  compression: Compression,
  pieceBytes = 65_536,
): Promise<Buffer | DecodeFault> {
  let at = 0;
  const next = async (): Promise<Uint8Array | null> => {
    const piece = packed.subarray(at, (at += pieceBytes));
    return piece.length === 0 ? null : piece;
  };
  const decoder = new Decoder(next, compression);
  const pieces: Buffer[] = [];
  const into = new Uint8Array(100_000);
  try {
    for (;;) {
      const decoded = await decoder.read(into);
      if ("fault" in decoded) return decoded;
      pieces.push(Buffer.from(into.subarray(0, decoded.lengthBytes)));
      if (decoded.lengthBytes < into.length) return Buffer.concat(pieces);
    }
  } finally {
    await decoder.close();
  }
}

const disk = diskOf(1_500_000);
const noise = randomFillSync(Buffer.alloc(300_000));

test.runIf(hasPackers).each<[string, Compression, (bytes: Uint8Array) => Buffer]>([
  ["gzip", "gzip", gzip],
  ["xz -0", "xz", (bytes) => xz(bytes, "-0")],
  ["xz -6", "xz", (bytes) => xz(bytes, "-6")],
  ["xz -9e", "xz", (bytes) => xz(bytes, "-9e")],
  ["xz without checksums", "xz", (bytes) => xz(bytes, "-1", "--check=none")],
  ["xz with CRC-32", "xz", (bytes) => xz(bytes, "-1", "--check=crc32")],
  ["xz with SHA-256", "xz", (bytes) => xz(bytes, "-1", "--check=sha256")],
  ["xz in several blocks", "xz", (bytes) => xz(bytes, "-1", "-T2", "--block-size=200000")],
  ["xz with other contexts", "xz", (bytes) => xz(bytes, "--lzma2=lc=0,lp=2,pb=4,dict=64KiB")],
  ["xz with literals only", "xz", (bytes) => xz(bytes, "--lzma2=lc=4,lp=0,pb=0,dict=4KiB,nice=2")],
  ["zstd -1", "zstd", (bytes) => zstd(bytes, "-1")],
  ["zstd -19", "zstd", (bytes) => zstd(bytes, "-19")],
  ["zstd --long", "zstd", (bytes) => zstd(bytes, "-5", "--long=27")],
  ["zstd without a checksum", "zstd", (bytes) => zstd(bytes, "-3", "--no-check")],
])("what %s has packed is unpacked, however it is read", async (_, compression, pack) => {
  for (const bytes of [disk, noise, Buffer.alloc(500_000), Buffer.from("a")]) {
    const packed = pack(bytes);
    expect(compressionOf(packed.subarray(0, 6))).toBe(compression);
    expect(bytes.equals((await unpacked(packed, compression)) as Buffer)).toBe(true);
  }
  expect(await unpacked(pack(Buffer.alloc(0)), compression)).toHaveLength(0);
  const small = disk.subarray(66_000, 80_000);
  expect(small.equals((await unpacked(pack(small), compression, 1)) as Buffer)).toBe(true);
});

const skippable = Buffer.from("502a4d1804000000deadbeef", "hex");
test.runIf(hasPackers).each<[string, Compression, (a: Uint8Array, b: Uint8Array) => Buffer[]]>([
  ["gzip members", "gzip", (a, b) => [gzip(a), gzip(b)]],
  ["gzip members and zeros", "gzip", (a, b) => [gzip(a), gzip(b), Buffer.alloc(70_000)]],
  ["xz streams", "xz", (a, b) => [xz(a), xz(b, "--check=crc32")]],
  ["xz streams with padding", "xz", (a, b) => [xz(a), Buffer.alloc(8), xz(b), Buffer.alloc(4)]],
  ["zstd frames", "zstd", (a, b) => [zstd(a), zstd(b)]],
  ["zstd frames to skip", "zstd", (a, b) => [skippable, zstd(a), skippable, zstd(b)]],
])("several %s in a row are one disk, wherever a reading ends", async (_, compression, pack) => {
  const [a, b] = [disk.subarray(0, 200_000), disk.subarray(200_000, 290_000)];
  const packed = pack(a, b);
  const first = packed[0]!.length;
  const whole = Buffer.concat(packed);
  for (const pieceBytes of [65_536, first, first - 1, first + 1, 1000]) {
    const got = await unpacked(whole, compression, pieceBytes);
    expect(disk.subarray(0, 290_000).equals(got as Buffer)).toBe(true);
  }
});

const damagedWays = [
  ["gzip", gzip],
  ["xz", (bytes: Uint8Array) => xz(bytes, "-0")],
  ["zstd", (bytes: Uint8Array) => zstd(bytes, "-1")],
] as const;

test.runIf(hasPackers).each(damagedWays)(
  "a %s file that is cut off anywhere is damaged",
  async (kind, pack) => {
    const packed = pack(disk.subarray(60_000, 70_000));
    for (let length = 6; length < packed.length; length += length < 40 ? 1 : 7) {
      const got = await unpacked(packed.subarray(0, length), kind);
      expect(got).toMatchObject({ fault: "damaged" });
      expect((got as DecodeFault).position).toBeLessThanOrEqual(length);
    }
  },
);

// A flipped bit of the name or the time in a gzip header changes nothing of the bytes.
test.runIf(hasPackers).each(damagedWays)(
  "a %s file with a flipped bit is damaged or unsupported, or unpacks to the same bytes",
  async (kind, pack) => {
    const bytes = disk.subarray(60_000, 66_000);
    const packed = pack(bytes);
    let faults = 0;
    for (let at = 0; at < packed.length; at += at < 40 ? 1 : 3) {
      const damaged = Buffer.from(packed);
      damaged[at]! ^= 1 << (at % 8);
      const got = await unpacked(damaged, kind);
      if ("fault" in got) faults++;
      else expect(bytes.equals(got)).toBe(true);
      if ("fault" in got) expect(got.fault).not.toBe("other");
    }
    expect(faults).toBeGreaterThan(packed.length / 4);
  },
);

test.runIf(hasPackers).each(damagedWays)(
  "what follows the end of a %s file and is none is damage",
  async (kind, pack) => {
    const packed = Buffer.concat([pack(disk.subarray(0, 70_000)), Buffer.from("something else")]);
    expect(await unpacked(packed, kind)).toMatchObject({ fault: "damaged" });
    expect(await unpacked(packed, kind, packed.length - 14)).toMatchObject({ fault: "damaged" });
  },
);

test("bytes behind the zeros that follow a gzip file are damage", async () => {
  const packed = [gzip(disk.subarray(0, 70_000)), Buffer.alloc(90_000), Buffer.from("more")];
  expect(await unpacked(Buffer.concat(packed), "gzip", 4096)).toMatchObject({ fault: "damaged" });
});

test.runIf(hasPackers).each<[string, Compression, () => Buffer, RegExp]>([
  ["xz with a dictionary of 256 MiB", "xz", () => xz(disk, "--lzma2=dict=256MiB"), /256 MiB/],
  [
    "xz with a filter",
    "xz",
    () => xz(disk, "--x86", "--lzma2=preset=0"),
    /another filter than LZMA2/,
  ],
  ["zstd with a window of 256 MiB", "zstd", () => zstd(disk, "--long=28"), /256 MiB/],
])("%s is refused before memory is taken for it", async (_, kind, pack, why) => {
  expect(await unpacked(pack(), kind)).toMatchObject({
    fault: "unsupported",
    why: expect.stringMatching(why) as string,
  });
});
