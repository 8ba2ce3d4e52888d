import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GiB, MiB, type Row } from "../compare.js";
import type { BenchOptions } from "../options.js";
import { printTable } from "../table.js";
import { whyNoWan, WanLink, type WanShape } from "../wan/wan-link.js";
import type { Outcome } from "./outcome.js";

interface WanCase extends WanShape {
  readonly what: string;
  readonly sizeBytes: number;
  /** Contenders to leave out: with one connection, a lossy link would take them a quarter of an hour. */
  readonly without?: readonly string[];
}

/** The one that the README shows beside loopback. */
export const lossyLink = "a lossy long line";

const usual = { lossPercent: 0, mtu: 1500, congestion: "cubic" };

const cases: readonly WanCase[] = [
  {
    ...usual,
    what: lossyLink,
    without: ["floor", "vendor", "curl"],
    mbit: 100,
    rttMs: 100,
    lossPercent: 0.1,
    queueMs: 100,
    sizeBytes: GiB / 2,
  },
  {
    ...usual,
    what: "a data centre's neighbour",
    mbit: 1000,
    rttMs: 20,
    queueMs: 30,
    mtu: 9000,
    sizeBytes: GiB,
  },
  {
    ...usual,
    what: "a home router with a deep queue",
    mbit: 50,
    rttMs: 30,
    queueMs: 500,
    sizeBytes: 128 * MiB,
  },
  { ...usual, what: "an office line", mbit: 200, rttMs: 50, queueMs: 50, sizeBytes: 256 * MiB },
  {
    what: "a very lossy line, BBR",
    mbit: 100,
    rttMs: 100,
    lossPercent: 0.5,
    queueMs: 100,
    mtu: 1500,
    congestion: "bbr",
    sizeBytes: 96 * MiB,
  },
];

/** How much of a link a program used. */
export interface Share {
  readonly link: string;
  readonly program: string;
  readonly seconds: number;
  readonly share: number;
}

export interface WanFigures {
  readonly cases: readonly WanCase[];
  readonly shares: readonly Share[];
}

/** After one that warms up: a slow link takes its time. */
const runs = 1;

/** Measures the share of long links that each program uses, with real TCP between two network namespaces. */
export async function benchWan(options: BenchOptions): Promise<Outcome> {
  const why = whyNoWan();
  if (why !== null) {
    console.log(`not run: ${why}`);
    return { figures: { notRun: why }, goals: [] };
  }
  const shares: Share[] = [];
  for (const each of cases) shares.push(...(await sharesOf(each, options)));
  printTable(shares);
  return { figures: { cases, shares }, goals: [] };
}

async function sharesOf(wan: WanCase, options: BenchOptions): Promise<readonly Share[]> {
  const sizeBytes = options.sizeBytes ?? wan.sizeBytes;
  const folder = mkdtempSync(join(tmpdir(), "img-wan-"));
  try {
    const link = await WanLink.start(wan, folder);
    try {
      const rows = await rowsBehind(link, wan.without ?? [], { ...options, sizeBytes, runs });
      const linkSeconds = (sizeBytes * 8) / (wan.mbit * 1e6);
      return rows.map(({ what, seconds }) => ({
        link: wan.what,
        program: what,
        seconds,
        share: linkSeconds / seconds,
      }));
    } finally {
      await link.stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function rowsBehind(
  { near, far }: WanLink,
  without: readonly string[],
  options: BenchOptions,
): Promise<readonly Row[]> {
  const program = join(import.meta.dirname, "../wan/wan-process.js");
  const args = [
    "netns",
    "exec",
    far,
    process.execPath,
    program,
    near,
    without.join(","),
    JSON.stringify(options),
  ];
  const child = spawn("ip", args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const rows = once(child, "message").then(([message]) => message as readonly Row[]);
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`The programs behind the link ended with ${code}`);
  return rows;
}
