// Puts the figures of bench/results into README.md and docs/compare.md.  node bench/dist/figures.js
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathExists, readJson } from "fs-extra/esm";
import type { Row } from "./compare.js";
import { root } from "./machine.js";
import { lossyLink, type Share } from "./scenarios/wan.js";

/** What documents quote. Null: no such result was kept. */
export interface Figures {
  readonly upload: readonly Row[] | null;
  readonly download: readonly Row[] | null;
  readonly wan: readonly Share[] | null;
}

export const documents = ["README.md", "docs/compare.md"] as const;

/** How a table's first cell names a contender. */
const labels = {
  upload: {
    "`img upload`": "img",
    "the vendor's command": "vendor",
    "`@aws-sdk/lib-storage`": "lib-storage",
    "`rclone copyto`": "rclone",
    "`aws s3 cp`": "aws",
    "`tus-js-client` with `@tus/server`": "tus",
    "`curl -T` beside `openssl dgst` (the floor)": "floor",
  },
  download: {
    "`img download`": "img",
    "`curl`, then `openssl dgst`": "curl",
    "`aria2c -x4 --checksum`": "aria2c",
  },
} as const;

/** A document with the figures in it: in the cells of its tables, in its sentences, and in the table of long links. */
export function withFigures(document: string, figures: Figures): string {
  const cells = document.split("\n").map((line) => lineWith(line, figures));
  return withLongLinks(withSentences(cells.join("\n"), figures), figures.wan);
}

function lineWith(line: string, figures: Figures): string {
  const [, first, ratio, peak, rest] = /^\| (.*?) +\|([^|]*)\|([^|]*)(\|.*)$/.exec(line) ?? [];
  if (first === undefined || ratio === undefined || peak === undefined) return line;
  for (const scenario of ["upload", "download"] as const) {
    const name: string | undefined = (labels[scenario] as Record<string, string>)[first];
    const row = figures[scenario]?.find((each) => each.name === name);
    if (name === undefined || row === undefined) continue;
    const before = line.slice(0, line.indexOf("|", 1) + 1);
    return `${before}${cell(ratioText(row), ratio)}|${cell(peakText(row), peak)}${rest ?? ""}`;
  }
  return line;
}

const cell = (text: string, former: string): string => ` ${text}`.padEnd(former.length);
const ratioText = ({ name, timesOurs }: Row): string => (name === "img" ? "1" : times(timesOurs));
const times = (value: number): string => value.toFixed(value < 1.1 ? 2 : 1);
const peakText = ({ peakMiB }: Row): string =>
  peakMiB === null ? "unknown" : `${Math.round(peakMiB)} MiB`;

/** A sentence is known by its words. */
function withSentences(document: string, { upload, wan }: Figures): string {
  const ratioTo = (name: string) => upload?.find((row) => row.name === name)?.timesOurs;
  const lossy = wan?.filter(({ link }) => link === lossyLink);
  const lossyShareOf = (program: string) => lossy?.find((one) => one.program === program)?.share;
  const figureBy = [
    [/[\d.]+(?= times as fast as the vendor's command)/, ratioTo("vendor"), times],
    [/[\d.]+(?= times as `@aws-sdk\/lib-storage`)/, ratioTo("lib-storage"), times],
    [/[\d.]+(?= of a link that loses packets)/, lossyShareOf("img upload"), shareText],
    [/(?<=`aria2c -x4` uses )[\d.]+/, lossyShareOf("aria2c -x4 --checksum"), shareText],
  ] as const;
  return figureBy.reduce(
    (text, [where, value, toText]) =>
      value === undefined ? text : text.replace(where, toText(value)),
    document,
  );
}

const shareText = (share: number): string => share.toFixed(2);

const programs = [
  ["`img upload`", "img upload"],
  ["`img download`", "img download"],
  ["`curl` up", "curl -T beside openssl dgst (the floor)"],
  ["`curl` down", "curl -o, then openssl dgst"],
  ["`aria2c -x4`", "aria2c -x4 --checksum"],
  ["the vendor's flow", "the vendor's flow: whole parts of 64 MiB, then a second pass"],
] as const;

/** Between two comments; as it was, where long links were not measured. */
function withLongLinks(document: string, wan: Figures["wan"]): string {
  if (wan === null) return document;
  const rows = [...new Set(wan.map(({ link }) => link))].map((link) => [
    link,
    ...programs.map(([, program]) => {
      const found = wan.find((one) => one.link === link && one.program === program);
      return found === undefined ? "" : shareText(found.share);
    }),
  ]);
  const head = ["link", ...programs.map(([title]) => title)];
  const table = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return document.replace(
    /(<!-- long links -->\n)[^]*?(\n<!-- end of long links -->)/,
    (_, begin: string, end: string) => `${begin}\n${table.join("\n")}\n${end}`,
  );
}

/** Those that a folder of results has. */
export async function readFigures(results: string): Promise<Figures> {
  return {
    upload: await figuresOf<readonly Row[]>(results, "upload", "rows"),
    download: await figuresOf<readonly Row[]>(results, "download", "rows"),
    wan: await figuresOf<readonly Share[]>(results, "wan", "shares"),
  };
}

async function figuresOf<Kept>(
  folder: string,
  scenario: string,
  key: string,
): Promise<Kept | null> {
  const file = join(folder, `${scenario}.json`);
  if (!(await pathExists(file))) return null;
  const { figures } = (await readJson(file)) as { figures: Record<string, Kept | undefined> };
  return figures[key] ?? null;
}

if (process.argv[1] === import.meta.filename) {
  const figures = await readFigures(join(root, "bench/results"));
  for (const name of documents) {
    const path = join(root, name);
    await writeFile(path, withFigures(await readFile(path, "utf8"), figures));
  }
}
