// What the engine itself costs: uploads whose source, digest, store and API answer at once, with the real
// journal in FOLDER.  node engine-process.js FOLDER ROUNDS  prints an EngineCost as JSON.
import { fileJournals } from "@img/node-fs";
import { MiB, upload } from "@img/transfer";
import { median } from "../compare.js";
import { instantClient, instantPlatform, instantSource, server } from "./instant-ports.js";

/** Milliseconds, medians of the rounds. */
export interface EngineCost {
  /** An upload of one part: the cost that occurs once. */
  readonly onceMs: number;
  /** The cost of each further part, in plans of 100 and of 10,000 parts. */
  readonly msPerPartOf100: number;
  readonly msPerPartOf10000: number;
  /** The larger plan's cost of a part divided by the smaller one's: the median of pairs of one round. */
  readonly ratio: number;
  /** The CPU time of all threads. */
  readonly cpuMsPerPart: number;
}

const partBytes = 5 * MiB;
const [folder = "", rounds = "5"] = process.argv.slice(2);
const client = instantClient();
const platform = instantPlatform(fileJournals(folder));

async function uploadParts(count: number): Promise<void> {
  const source = instantSource(count * partBytes);
  await upload({ client, server, name: "bench", source, platform }, { partBytes });
}

async function msOf(count: number, times: number): Promise<number> {
  const startedMs = performance.now();
  for (let time = 0; time < times; time++) await uploadParts(count);
  return (performance.now() - startedMs) / times;
}

interface Round {
  readonly once: number;
  readonly of100: number;
  readonly of10000: number;
  readonly cpu: number;
}

/** Runs as many parts in small plans as in the large one, so that both run the same warm code. */
async function round(): Promise<Round> {
  const once = await msOf(1, 50);
  const of100 = ((await msOf(100, 100)) - once) / 99;
  const before = process.cpuUsage();
  const of10000 = ((await msOf(10_000, 1)) - once) / 9_999;
  const spent = process.cpuUsage(before);
  return { once, of100, of10000, cpu: (spent.user + spent.system) / 1000 / 10_000 };
}

await round(); // warms up
const all: Round[] = [];
for (let n = 0; n < Number(rounds); n++) all.push(await round());

const cost: EngineCost = {
  onceMs: median(all.map(({ once }) => once)),
  msPerPartOf100: median(all.map(({ of100 }) => of100)),
  msPerPartOf10000: median(all.map(({ of10000 }) => of10000)),
  ratio: median(all.map(({ of100, of10000 }) => of10000 / of100)),
  cpuMsPerPart: median(all.map(({ cpu }) => cpu)),
};
console.log(JSON.stringify(cost));
