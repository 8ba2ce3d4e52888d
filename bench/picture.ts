import { GiB, type Row } from "./compare.js";
import type { LinkShape } from "./link/link.js";
import type { Machine } from "./machine.js";
import type { Share } from "./scenarios/wan.js";
import type { WanShape } from "./wan/wan-link.js";

/** Bars under a title, and below them on what they were taken. */
export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly notes: readonly string[];
}

interface Bar {
  readonly what: string;
  readonly kind: "ours" | "other" | "bound";
  /** Compared with those of the same panel. */
  readonly length: number;
  readonly figure: string;
}

/** What ran side by side in one go. */
export interface Speeds {
  readonly scenario: "upload" | "download";
  readonly machine: Machine;
  readonly link: LinkShape;
  readonly sizeBytes: number;
  readonly rows: readonly Row[];
}

export function speedPanel({ scenario, sizeBytes, rows, link, machine }: Speeds): Panel {
  const gib = Number((sizeBytes / GiB).toFixed(2));
  return {
    title: `${scenario === "upload" ? "Upload" : "Verified download"} of ${gib} GiB, MiB/s`,
    bars: rows.map(speedBar),
    notes: [`${linkWords(link)}; ${machineWords(machine)}`, versionWords(machine)],
  };
}

function speedBar({ name, what, mibPerSec, timesOurs }: Row): Bar {
  const kind = name.startsWith("img") ? "ours" : name === "ceiling" ? "bound" : "other";
  const ratio = name === "img" ? "" : `, ${timesOurs.toFixed(2)} × our time`;
  return { what, kind, length: mibPerSec, figure: `${Math.round(mibPerSec)}${ratio}` };
}

/** The share that each program used of a line that loses packets, of what its rate allows. */
export function lossPanel(shares: readonly Share[], link: WanShape): Panel {
  const { mbit, rttMs, lossPercent } = link;
  return {
    title: `Share of a line that loses ${lossPercent} % of its packets`,
    bars: shares.map(({ program, share }) => ({
      what: program,
      kind: program.startsWith("img") ? "ours" : "other",
      length: share,
      figure: share.toFixed(2),
    })),
    notes: [`TCP over an emulated line of ${mbit} Mbit/s, ${rttMs} ms there and back`],
  };
}

const width = 860;
const labelWidth = 420;
const barWidth = 250;
const lineHeight = 26;
const style = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 15px } .small { font-size: 11px; fill: #656d76 }
  .ours { fill: #1a7f37 } .other { fill: #8c959f } .bound { fill: #d0d7de }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #8d96a0 }
    .ours { fill: #3fb950 } .other { fill: #6e7681 } .bound { fill: #30363d }
  }`;

/** Longer bars are better. The picture needs no script and no font. */
export function picture(panels: readonly Panel[]): string {
  let top = 8;
  const drawn = panels.map((panel) => {
    const group = `<g transform="translate(16 ${top})">${drawPanel(panel)}</g>`;
    top += heightOf(panel);
    return group;
  });
  const title = "Speed of uploads and downloads beside other programs";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" role="img" aria-label="${title}"><title>${title}</title><style>${style}\n</style>
${drawn.join("\n")}
</svg>
`;
}

const heightOf = ({ bars, notes }: Panel): number =>
  (bars.length + 1) * lineHeight + 30 + notes.length * 16;

function drawPanel({ title, bars, notes }: Panel): string {
  const longest = Math.max(...bars.map(({ length }) => length));
  const foot = bars.length * lineHeight + 46;
  return [
    text(0, 16, title, "title"),
    ...bars.map((bar, index) => drawBar(bar, 34 + index * lineHeight, longest)),
    ...notes.map((note, index) => text(0, foot + index * 16, note, "small")),
  ].join("\n");
}

function drawBar({ what, kind, length, figure }: Bar, top: number, longest: number): string {
  const long = Math.max(1, (length / longest) * barWidth).toFixed(1);
  return [
    text(0, top + 14, what),
    `<rect class="${kind}" x="${labelWidth}" y="${top + 2}" width="${long}" height="16" rx="2"/>`,
    text(labelWidth + Number(long) + 8, top + 14, figure),
  ].join("");
}

const linkWords = ({ mbit, delayMs }: LinkShape): string =>
  mbit === 0 && delayMs === 0
    ? "TLS 1.3 on loopback, the server on the same cores"
    : `TLS 1.3 over a link of ${mbit === 0 ? "any rate" : `${mbit} Mbit/s`}, ${delayMs} ms there and back`;

const machineWords = ({ cpu, cores, system }: Machine): string => `${cores} × ${cpu}, ${system}`;

const versionWords = ({ versions }: Machine): string =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");

function text(x: number, y: number, words: string, kind?: string): string {
  const attributes = kind === undefined ? "" : ` class="${kind}"`;
  return `<text x="${x.toFixed(1)}" y="${y}"${attributes}>${escaped(words)}</text>`;
}

const escaped = (words: string): string =>
  words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
