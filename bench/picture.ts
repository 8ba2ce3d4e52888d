import { GiB, type Row } from "./compare.js";
import type { LinkShape } from "./link/link.js";
import type { Machine } from "./machine.js";

/** What ran side by side in one go. */
export interface Panel {
  readonly scenario: "upload" | "download";
  readonly machine: Machine;
  readonly link: LinkShape;
  readonly sizeBytes: number;
  readonly rows: readonly Row[];
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

/** Bars of speed, longer is better; under them on what they were taken. It needs no script and no font. */
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

const heightOf = ({ rows }: Panel): number => (rows.length + 1) * lineHeight + 62;

function drawPanel(panel: Panel): string {
  const { scenario, sizeBytes, rows, link, machine } = panel;
  const fastest = Math.max(...rows.map(({ mibPerSec }) => mibPerSec));
  const gib = Number((sizeBytes / GiB).toFixed(2));
  const head = `${scenario === "upload" ? "Upload" : "Verified download"} of ${gib} GiB, MiB/s`;
  const foot = rows.length * lineHeight + 34;
  return [
    text(0, 16, head, "title"),
    ...rows.map((row, index) => drawRow(row, 34 + index * lineHeight, fastest)),
    text(0, foot + 12, `${linkWords(link)}; ${machineWords(machine)}`, "small"),
    text(0, foot + 28, versionWords(machine), "small"),
  ].join("\n");
}

function drawRow(row: Row, top: number, fastest: number): string {
  const long = Math.max(1, (row.mibPerSec / fastest) * barWidth).toFixed(1);
  const kind = row.name.startsWith("img") ? "ours" : row.name === "ceiling" ? "bound" : "other";
  const ratio = row.name === "img" ? "" : `, ${row.timesOurs.toFixed(2)} × our time`;
  const figure = `${Math.round(row.mibPerSec)}${ratio}`;
  return [
    text(0, top + 14, row.what),
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
