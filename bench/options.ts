import { parseArgs } from "node:util";

export const scenarioNames = [
  "upload",
  "download",
  "memory",
  "resume",
  "engine",
  "start",
  "link",
  "wan",
  "disk",
  "packed",
  "receipts",
  "server",
  "files",
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

const contenderNames = [
  "img",
  "url",
  "floor",
  "vendor",
  "lib-storage",
  "rclone",
  "aws",
  "tus",
  "curl",
  "aria2c",
  "ceiling",
];

/** The options of the command line, with every default filled in. */
export interface BenchOptions {
  readonly scenarios: readonly ScenarioName[];
  /** The size of the image; null for the scenario's own. */
  readonly sizeBytes: number | null;
  /** The number of measured rounds, after one that warms up. */
  readonly runs: number;
  /** The number of lanes; null for the engine's own choice, as for the next two. */
  readonly lanes: number | null;
  readonly partMiB: number | null;
  readonly memoryMiB: number | null;
  /** The delay of a link in front of the server; 0 for none. */
  readonly delayMs: number;
  readonly mbit: number;
  /** The names of the contenders; empty for all. */
  readonly only: readonly string[];
  readonly cpuProfile: boolean;
  /** The folder for results. */
  readonly out: string;
  readonly sinkProcesses: number;
}

export const usage = `npm run bench -- [SCENARIO...] [OPTION...]

Scenarios (upload and download, where none is named; "all" is all of them):
  upload    an upload with its digest, beside what users have and what the machine can do
  download  a verified download, in the same way
  memory    peak memory of 4 GiB up and down, with default options and with 32 MiB
  resume    4 GiB half sent, killed: how long until the first new byte arrives
  engine    what the engine itself costs per part, in plans of 100 and of 10,000 parts
  start     from the start of the command to its first request
  server    img serve on a folder, beside dd conv=fsync on the same disk; needs curl
  link      the share of a link that is reached, for several rates and delays
  wan       long links with real TCP, beside curl, aria2c and the vendor's flow; needs Linux, root, cc and /dev/net/tun
  disk      a qcow2, plain and compressed, beside its raw file of four times its data; needs qemu-img
  files     60 and 200 files of 8 MiB in one command, beside four commands at a time; needs xargs
  packed    a .gz, a .zst and a .xz, each beside what its own program unpacks into a pipe; needs gzip, zstd, xz
  receipts  whether receipts slow an upload of 8 lanes whose disk takes 5 ms for a sync

Options:
  --gib N             size of the image (2; memory and resume 4; disk 1, which is its data; packed 1)
  --runs N            measured rounds after one that warms up (5)
  --lanes N           parts moved at the same time (the engine's own choice)
  --part-mib N        length of a part
  --memory-mib N      maximum memory for parts
  --delay-ms N        round trip of a link in front of the server (none)
  --mbit N            rate of that link, each way, all connections together (none)
  --only NAME,NAME    only these contenders: ${contenderNames.join(", ")}
  --cpu-profile       also write V8 CPU profiles of one run of img
  --out DIR           where JSON and pictures go (bench/out)
  --sink-processes N  processes of the discarding server (1, more from 8 cores on)
`;

/** Parses the command line. @throws A sentence about what is wrong. */
export function parseOptions(args: readonly string[], cores: number): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      gib: { type: "string" },
      runs: { type: "string", default: "5" },
      lanes: { type: "string" },
      "part-mib": { type: "string" },
      "memory-mib": { type: "string" },
      "delay-ms": { type: "string", default: "0" },
      mbit: { type: "string", default: "0" },
      only: { type: "string", default: "" },
      "cpu-profile": { type: "boolean", default: false },
      out: { type: "string", default: "bench/out" },
      "sink-processes": { type: "string", default: String(sinkProcessesFor(cores)) },
    },
  });
  const gib = optional("gib", values.gib, 0.001);
  return {
    scenarios: scenariosOf(positionals),
    sizeBytes: gib === null ? null : Math.round(gib * 1024) * 1024 * 1024,
    runs: whole("runs", values.runs, 1),
    lanes: optional("lanes", values.lanes, 1),
    partMiB: optional("part-mib", values["part-mib"], 5),
    memoryMiB: optional("memory-mib", values["memory-mib"], 5),
    delayMs: number("delay-ms", values["delay-ms"], 0),
    mbit: number("mbit", values.mbit, 0),
    only: contendersOf(values.only),
    cpuProfile: values["cpu-profile"],
    out: values.out,
    sinkProcesses: whole("sink-processes", values["sink-processes"], 1),
  };
}

/**
 * Returns the number of the sink's processes. Each moves about 0.7 GiB/s, and all together must be faster than
 * any client.
 */
const sinkProcessesFor = (cores: number): number => Math.max(1, Math.min(4, Math.floor(cores / 4)));

function scenariosOf(names: readonly string[]): readonly ScenarioName[] {
  if (names.length === 0) return ["upload", "download"];
  if (names.includes("all")) return scenarioNames;
  return names.map((name) => {
    const known = scenarioNames.find((scenario) => scenario === name);
    if (known === undefined) throw new Error(`no scenario "${name}": ${scenarioNames.join(", ")}`);
    return known;
  });
}

function contendersOf(list: string): readonly string[] {
  const names = list.split(",").filter((name) => name !== "");
  const unknown = names.find((name) => !contenderNames.includes(name));
  if (unknown === undefined) return names;
  throw new Error(`--only knows no "${unknown}": ${contenderNames.join(", ")}`);
}

const optional = (name: string, given: string | undefined, least: number): number | null =>
  given === undefined ? null : number(name, given, least);

function number(name: string, given: string, least: number): number {
  const value = Number(given);
  if (given !== "" && value >= least && value < Infinity) return value;
  throw new Error(`--${name} is a number of at least ${least}, not "${given}"`);
}

function whole(name: string, given: string, least: number): number {
  const value = number(name, given, least);
  if (Number.isInteger(value)) return value;
  throw new Error(`--${name} is a whole number, not "${given}"`);
}
