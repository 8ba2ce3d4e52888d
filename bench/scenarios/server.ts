import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { GiB, median, MiB } from "../compare.js";
import { img } from "../machine.js";
import type { BenchOptions } from "../options.js";
import { printTable } from "../table.js";
import type { Outcome } from "./outcome.js";

const usualPartMiB = 16;
const usualLanes = 4;
const token = "bench-token";

/** Compares uploads by `curl` to `img serve` on a folder with `dd` on the same disk. */
export async function benchServer(options: BenchOptions): Promise<Outcome> {
  mkdirSync(options.out, { recursive: true });
  // On a disk: the temporary folder may be in memory.
  const folder = mkdtempSync(join(resolve(options.out), "server-"));
  const memory = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "img-bench-"));
  const part = join(memory, "part");
  writeFileSync(part, randomBytes((options.partMiB ?? usualPartMiB) * MiB));
  const server = await startServer(join(folder, "store"));
  try {
    const rounds: Round[] = [];
    for (let run = 0; run <= options.runs; run++) {
      const round = await runRound(server.url, part, folder, options);
      if (run > 0) rounds.push(round); // the first warms up
    }
    printTable(rounds);
    const reached = median(rounds.map(({ ofDd }) => ofDd));
    const what = "server: uploads to a folder, of `dd conv=fsync`'s speed";
    return { figures: { rounds }, goals: [{ what, unit: "times", reached, atLeast: 0.5 }] };
  } finally {
    server.process.kill();
    await once(server.process, "exit");
    for (const made of [folder, memory]) rmSync(made, { recursive: true });
  }
}

interface Round {
  readonly ddMibPerSec: number;
  readonly serverMibPerSec: number;
  readonly ofDd: number;
}

async function runRound(
  url: string,
  part: string,
  folder: string,
  options: BenchOptions,
): Promise<Round> {
  const partMiB = options.partMiB ?? usualPartMiB;
  const parts = Math.ceil((options.sizeBytes ?? 2 * GiB) / MiB / partMiB);
  const mib = parts * partMiB;
  const ddSeconds = await seconds(async () => dd(join(folder, "dd"), mib));
  rmSync(join(folder, "dd"));
  const image = await call(url, "POST", "", { name: "bench" });
  const lanes = options.lanes ?? usualLanes;
  const uploadSeconds = await seconds(() => upload(url, String(image["id"]), part, parts, lanes));
  await call(url, "DELETE", `/${String(image["id"])}`);
  const [ddMibPerSec, serverMibPerSec] = [mib / ddSeconds, mib / uploadSeconds];
  return { ddMibPerSec, serverMibPerSec, ofDd: serverMibPerSec / ddMibPerSec };
}

const dd = (file: string, mib: number): void =>
  void execFileSync("dd", ["if=/dev/zero", `of=${file}`, "bs=1M", `count=${mib}`, "conv=fsync"], {
    stdio: "ignore",
  });

/** Uploads with one `curl` per lane, each with one connection, so that the client costs almost nothing. */
async function upload(
  url: string,
  id: string,
  part: string,
  parts: number,
  lanes: number,
): Promise<void> {
  const numbers = Array.from({ length: parts }, (_, index) => index + 1);
  const urls = await Promise.all(
    numbers.map((number) => call(url, "POST", `/${id}/parts`, { part_id: number })),
  );
  const lane = async (first: number) => {
    const own = urls.filter((_, index) => index % lanes === first).map((answer) => answer["url"]);
    const args = own.flatMap((each) => ["-T", part, String(each)]);
    const [code] = (await once(spawn("curl", ["-sSf", ...args]), "exit")) as [number | null];
    if (code !== 0) throw new Error(`curl ended with ${code}`);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, parts) }, (_, first) => lane(first)));
  await call(url, "POST", `/${id}/complete`, { sha256: "0".repeat(64) });
}

async function call(
  url: string,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${url}/v2/images${path}`, { method, headers, ...sent });
  if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}`);
  return (await answer.json()) as Record<string, unknown>;
}

async function startServer(dir: string): Promise<{ process: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [img, "serve", "--port", "0", "--dir", dir, "--json"], {
    env: { ...process.env, SFC_BEARER_AUTH: token },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { process: child, url: (JSON.parse(line) as { url: string }).url };
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}
