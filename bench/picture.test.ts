import { expect, test } from "vitest";
import { rowOf } from "./compare.js";
import { lossPanel, picture, speedPanel } from "./picture.js";

const measured = (seconds: number) => [{ seconds, cpuSeconds: 1, peakMiB: 1, stdout: "" }];
const sizeBytes = 2 * 1024 ** 3;
const panel = speedPanel({
  scenario: "upload",
  sizeBytes,
  link: { mbit: 0, delayMs: 0 },
  machine: {
    cpu: "A <fast> CPU",
    cores: 2,
    memoryGib: 24,
    system: "Linux 6",
    versions: { node: "20.20.2", curl: "7.88.1" },
  },
  rows: [
    rowOf({ name: "img", what: "img upload" }, measured(2), measured(2), sizeBytes),
    rowOf({ name: "floor", what: "curl & openssl" }, measured(1), measured(2), sizeBytes),
  ],
});

test("the picture has each contender with its speed and ratio, the machine and the versions", () => {
  const svg = picture([panel]);
  for (const words of [
    "img upload",
    "1024",
    "2048, 0.50 × our time",
    "2 × A",
    "node 20.20.2",
    "curl 7.88.1",
  ])
    expect(svg).toContain(words);
});

test("a line that loses packets stands beside, with the share of it that each program used", () => {
  const link = "a lossy long line";
  const shares = [
    { link, program: "img upload", seconds: 50, share: 0.9 },
    { link, program: "aria2c", seconds: 200, share: 0.225 },
  ];
  const wan = {
    mbit: 100,
    rttMs: 80,
    lossPercent: 0.1,
    queueMs: 100,
    mtu: 1500,
    congestion: "cubic",
  };
  const svg = picture([panel, lossPanel(shares, wan)]);
  for (const words of ["loses 0.1 % of its packets", "0.90", "0.23", "100 Mbit/s, 80 ms"])
    expect(svg).toContain(words);
});

test("names cannot break out of the picture's text", () => {
  const svg = picture([panel]);
  expect(svg).toContain("curl &amp; openssl");
  expect(svg).toContain("A &lt;fast&gt; CPU");
});

test("the fastest has the longest bar", () => {
  const widths = [...picture([panel]).matchAll(/width="([\d.]+)" height="16"/g)].map(([, width]) =>
    Number(width),
  );
  expect(widths).toEqual([125, 250]);
});
