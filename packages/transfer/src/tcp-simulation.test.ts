import { afterAll, describe, expect, test } from "vitest";
import { MiB } from "./plan.js";
import type { TcpLink } from "./testing/made-up-tcp.js";
import { MadeUpUpload } from "./testing/made-up-upload.js";

const megabit = 1e6 / 8;

interface Measured {
  readonly name: string;
  readonly link: TcpLink;
  readonly sizeBytes: number;
  /** The share of the link that `npm run bench -- wan` found, with real TCP and CUBIC. */
  readonly share: number;
}

const lossy: TcpLink = {
  bytesPerSecond: 100 * megabit,
  rttMs: 100,
  loss: 0.001,
  queueMs: 100,
  mtu: 1500,
};

const measured: Measured[] = [
  { name: "100 Mbit/s, 100 ms, 0.1% lost", link: lossy, sizeBytes: 512 * MiB, share: 0.85 },
  {
    name: "1 Gbit/s, 20 ms, large packets",
    link: { bytesPerSecond: 1000 * megabit, rttMs: 20, loss: 0, queueMs: 30, mtu: 9000 },
    sizeBytes: 1024 * MiB,
    share: 0.905,
  },
  {
    name: "50 Mbit/s, 30 ms, a deep queue",
    link: { bytesPerSecond: 50 * megabit, rttMs: 30, loss: 0, queueMs: 500, mtu: 1500 },
    sizeBytes: 128 * MiB,
    share: 0.93,
  },
  {
    name: "200 Mbit/s, 50 ms",
    link: { bytesPerSecond: 200 * megabit, rttMs: 50, loss: 0, queueMs: 50, mtu: 1500 },
    sizeBytes: 256 * MiB,
    share: 0.83,
  },
];

const seeds = [1, 2, 3, 4, 5, 6, 7];
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** @returns The share of the link that is used, on average, and of the bytes that were sent twice. */
function simulated({ link, sizeBytes }: Pick<Measured, "link" | "sizeBytes">, mayCopy = true) {
  const runs = seeds.map((seed) => {
    const upload = new MadeUpUpload(link, sizeBytes, seed);
    const linkMs = (sizeBytes / link.bytesPerSecond) * 1000;
    const share = linkMs / upload.run(mayCopy);
    return { share, copied: upload.copiedBytes / sizeBytes };
  });
  return {
    share: mean(runs.map(({ share }) => share)),
    copied: Math.max(...runs.map(({ copied }) => copied)),
  };
}

const lines: string[] = [];

test.each(measured)(
  "$name: the simulated upload uses what the real one does, within 10%",
  (each) => {
    const { share } = simulated(each);
    lines.push(`${share.toFixed(3)}  ${each.share.toFixed(3)}  ${each.name}`);
    expect(share / each.share).toBeGreaterThan(0.9);
    expect(share / each.share).toBeLessThan(1.1);
  },
);

describe("second copies of the last parts", () => {
  test.each([128, 256, 512])("make an upload of %i MiB over a lossy link end sooner", (mib) => {
    const upload = { link: lossy, sizeBytes: mib * MiB };
    expect(simulated(upload).share).toBeGreaterThan(simulated(upload, false).share * 1.01);
  });

  test.each([128, 256, 512, 1024])("cost at most a tenth of %i MiB, or three parts", (mib) => {
    const most = Math.max(0.1, (3 * 8) / mib);
    expect(simulated({ link: lossy, sizeBytes: mib * MiB }).copied).toBeLessThanOrEqual(most);
  });

  test.each(measured.filter(({ link }) => link.loss === 0))(
    "are not sent where no packet is lost: $name",
    (each) => {
      expect(simulated(each).copied).toBe(0);
    },
  );
});

afterAll(() => {
  console.info(["share of the link: simulated, measured", ...lines].join("\n"));
});
