import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Row } from "./compare.js";
import { documents, readFigures, withFigures } from "./figures.js";

const row = (name: string, timesOurs: number, peakMiB: number | null): Row => ({
  name,
  what: name,
  allSeconds: [1],
  seconds: 1,
  mibPerSec: 1,
  timesOurs,
  timesOurCpu: 1,
  peakMiB,
  cpuSecondsPerGib: 1,
});
const rows = [row("img", 1, 210.4), row("vendor", 3.14, 400), row("floor", 0.724, null)];
const figures = { upload: rows, download: null, wan: null };

test("a table has the ratio and the peak of each contender, and keeps what else stands in its lines", () => {
  const table = `| upload with          | our speed | peak memory | resumes |
| -------------------- | --------- | ----------- | ------- |
| \`img upload\`         | 1         | 219 MiB     | yes     |
| the vendor's command | 2.8       | 442 MiB     | no      |
| somebody else        | 9         | 1 MiB       | no      |
| \`curl -T\` beside \`openssl dgst\` (the floor) | 0.5 | 2 MiB | no |`;
  expect(withFigures(table, figures).split("\n").slice(2)).toEqual([
    "| `img upload`         | 1         | 210 MiB     | yes     |",
    "| the vendor's command | 3.1       | 400 MiB     | no      |",
    "| somebody else        | 9         | 1 MiB       | no      |",
    "| `curl -T` beside `openssl dgst` (the floor) | 0.72| unknown| no |",
  ]);
});

test("a sentence has the ratio, and the share of a lossy line; without a result it stays", () => {
  const sentence = "2.8 times as fast as the vendor's command. 0.51 of a link that loses packets.";
  const share = { link: "a lossy long line", program: "img upload", seconds: 1, share: 0.876 };
  expect(withFigures(sentence, { ...figures, wan: [share] })).toBe(
    "3.1 times as fast as the vendor's command. 0.88 of a link that loses packets.",
  );
  expect(withFigures(sentence, { upload: null, download: null, wan: null })).toBe(sentence);
});

test("long links are a table between two comments", () => {
  const wan = [
    { link: "a lossy long line", program: "img upload", seconds: 1, share: 0.876 },
    { link: "an office line", program: "img upload", seconds: 1, share: 0.9 },
    { link: "an office line", program: "curl -o, then openssl dgst", seconds: 1, share: 0.8 },
  ];
  const before = "<!-- long links -->\nold\n<!-- end of long links -->";
  const [, , , , lossy, office] = withFigures(before, { ...figures, wan }).split("\n");
  expect(lossy).toBe("| a lossy long line | 0.88 |  |  |  |  |  |");
  expect(office).toBe("| an office line | 0.90 |  |  | 0.80 |  |  |");
});

test.each(documents)("the figures in %s are those of bench/results", async (name) => {
  const root = join(import.meta.dirname, "..");
  const document = readFileSync(join(root, name), "utf8");
  const words = (text: string): string => text.replace(/[ -]+/g, " ");
  const kept = await readFigures(join(root, "bench/results"));
  expect(words(withFigures(document, kept)), "run: node bench/dist/figures.js").toBe(
    words(document),
  );
});
