// Uploads and downloads over TLS on loopback, beside what users have and what the machine can do; ratios
// of one run, alternating.  npm run bench -- [--gib 2] [--runs 5] [--json FILE]
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import { mkdtempSync, openSync, closeSync, rmSync, writeSync, existsSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { outputJson } from "fs-extra/esm";
import { measure, median, type Measured } from "./measure.js";

const { values } = parseArgs({
  options: {
    gib: { type: "string", default: "2" },
    runs: { type: "string", default: "5" },
    json: { type: "string" },
  },
});
const MiB = 1024 * 1024;
const sizeBytes = Math.round(Number(values.gib) * 1024) * MiB;
const runs = Number(values.runs);
const img = join(import.meta.dirname, "../../packages/cli/dist/main.js");
const here = import.meta.dirname;

interface Contender {
  readonly name: string;
  /** null where a program that it needs is not here. */
  readonly command: readonly string[] | null;
}

const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "img-bench-"));
let server: ChildProcess | undefined;
try {
  const image = join(folder, "image");
  const sha256 = makeImage(image);
  const { certificate, key } = makeCertificate();
  const started = await startServer([image, sha256, certificate, key]);
  server = started.process;
  const env = {
    ...process.env,
    SFC_SERVER_URL: started.url,
    SFC_BEARER_AUTH: "bench-token",
    NODE_EXTRA_CA_CERTS: certificate,
    XDG_STATE_HOME: join(folder, "state"),
  };
  console.log(`${values.gib} GiB over TLS 1.3 on loopback, medians of ${runs}; ${machine()}\n`);
  const tables = {
    upload: await compare(uploads(started.url, image, certificate), env),
    download: await compare(downloads(started.url, sha256, certificate), env),
  };
  if (values.json !== undefined) {
    await outputJson(
      values.json,
      { machine: machine(), sizeBytes, runs, ...tables },
      { spaces: 2 },
    );
  }
} finally {
  server?.kill();
  rmSync(folder, { recursive: true });
}

function uploads(base: string, image: string, certificate: string): readonly Contender[] {
  const put = `curl -s --cacert '${certificate}' -o /dev/null -T '${image}' ${base}/part/1`;
  const floor = `${put} & openssl dgst -sha256 '${image}' >/dev/null; wait`;
  return [
    {
      name: "img upload",
      command: [process.execPath, img, "upload", image, "--name", "bench", "--json"],
    },
    {
      name: "curl -T beside openssl dgst (the floor)",
      command: withTools(["curl", "openssl"], floor),
    },
    {
      name: "whole-part fetch, then a second pass",
      command: [process.execPath, join(here, "vendor-flow.js"), base, image],
    },
  ];
}

function downloads(base: string, sha256: string, certificate: string): readonly Contender[] {
  const out = join(folder, "out");
  const fetched = `curl -s --cacert '${certificate}' -o '${out}' ${base}/blob && openssl dgst -sha256 '${out}' >/dev/null`;
  const aria = `aria2c -q --ca-certificate='${certificate}' -x4 -s4 -k16M --file-allocation=none --allow-overwrite=true --checksum=sha-256=${sha256} -d '${folder}' -o out ${base}/blob`;
  return [
    {
      name: "img download",
      command: [process.execPath, img, "download", "image_bench", out, "--overwrite", "--json"],
    },
    { name: "curl -o, then openssl dgst", command: withTools(["curl", "openssl"], fetched) },
    { name: "aria2c -x4 --checksum", command: withTools(["aria2c"], aria) },
  ];
}

function withTools(tools: readonly string[], script: string): readonly string[] | null {
  const there = tools.every((tool) => existsOnPath(tool));
  return there ? ["sh", "-c", script] : null;
}

function existsOnPath(tool: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((dir) => existsSync(join(dir, tool)));
}

/** Each contender once to warm up, then all of them in turn, so that a drift of the machine hits all alike. */
async function compare(
  contenders: readonly Contender[],
  env: NodeJS.ProcessEnv,
): Promise<object[]> {
  const there = contenders.filter((contender) => contender.command !== null);
  const results = new Map<string, Measured[]>(there.map(({ name }) => [name, []]));
  for (let run = 0; run <= runs; run++) {
    for (const { name, command } of there) {
      const measured = await measure(command!, env);
      if (run > 0) results.get(name)!.push(measured);
    }
  }
  const rows = there.map(({ name }) => row(name, results.get(name)!, results.get(there[0]!.name)!));
  console.table(rows);
  for (const { name, command } of contenders)
    if (command === null) console.log(`not here: ${name}`);
  return rows;
}

function row(name: string, own: readonly Measured[], ours: readonly Measured[]): object {
  const seconds = median(own.map((m) => m.seconds));
  return {
    what: name,
    seconds: Number(seconds.toFixed(2)),
    "MiB/s": Math.round(sizeBytes / MiB / seconds),
    "ours is x times as fast": Number(
      median(own.map((m, i) => m.seconds / ours[i]!.seconds)).toFixed(2),
    ),
    "peak MiB": Math.round(Math.max(...own.map((m) => m.peakMiB))),
    "CPU s/GiB": Number(
      (median(own.map((m) => m.cpuSeconds)) / (sizeBytes / MiB / 1024)).toFixed(2),
    ),
  };
}

function makeImage(path: string): string {
  const hash = createHash("sha256");
  const chunk = Buffer.alloc(MiB);
  const file = openSync(path, "w");
  for (let at = 0; at < sizeBytes; at += MiB) {
    randomFillSync(chunk);
    hash.update(chunk);
    writeSync(file, chunk);
  }
  closeSync(file);
  return hash.digest("hex");
}

function makeCertificate(): { certificate: string; key: string } {
  const [certificate, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      ...curve,
      "-keyout",
      key,
      "-out",
      certificate,
      "-days",
      "2",
      "-nodes",
      "-subj",
      "/CN=localhost",
      "-addext",
      names,
    ],
    { stdio: "ignore" },
  );
  return { certificate, key };
}

async function startServer(
  args: readonly string[],
): Promise<{ process: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [join(here, "discard-server.js"), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const url = await new Promise<string>((resolve) => {
    child.stdout.once("data", (line: Buffer) => {
      resolve(line.toString().trim());
    });
  });
  return { process: child, url };
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} x ${cpu?.model.trim() ?? "unknown CPU"}, Node ${process.version}`;
}
