import { execFileSync } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GiB, MiB } from "./compare.js";
import { Link, type LinkShape } from "./link/link.js";
import { img } from "./machine.js";
import type { BenchOptions } from "./options.js";
import { Sink } from "./sink/sink.js";

/** What a scenario works with: an image, a discarding server, and a folder for files. */
export interface Stage {
  /** The folder; in memory, if the system has such a folder. */
  readonly folder: string;
  readonly image: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly certificate: string;
  readonly key: string;
  readonly sink: Sink;
  /** The origin for clients: the sink, or a link in front of it. */
  readonly origin: string;
  /** The environment of every process: the API, its token, and the trusted certificate. */
  readonly env: NodeJS.ProcessEnv;
}

/** Makes a stage, runs `play` on it, and removes everything. */
export async function onStage<Result>(
  options: BenchOptions,
  usualGib: number,
  play: (stage: Stage) => Promise<Result>,
  host = "127.0.0.1",
): Promise<Result> {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "img-bench-"));
  try {
    const image = join(folder, "image");
    const sizeBytes = options.sizeBytes ?? usualGib * GiB;
    const sha256 = makeImage(image, sizeBytes);
    const files = { image, sha256, ...makeCertificate(folder, host) };
    const sink = await Sink.start(files, options.sinkProcesses, host);
    try {
      return await behindLink({ port: sink.port, host }, options, (origin) =>
        play({ ...files, folder, sizeBytes, sink, origin, env: envOf(folder, files, origin) }),
      );
    } finally {
      await sink.stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs `work` with the address of a link in front of a server, or of the server if no link is asked for. */
export async function behindLink<Result>(
  server: { readonly port: number; readonly host?: string },
  shape: LinkShape,
  work: (origin: string) => Promise<Result>,
): Promise<Result> {
  if (shape.mbit === 0 && shape.delayMs === 0)
    return work(`https://${server.host ?? "127.0.0.1"}:${server.port}`);
  const link = await Link.start(server.port, shape);
  try {
    return await work(`https://127.0.0.1:${link.port}`);
  } finally {
    await link.stop();
  }
}

function envOf(
  folder: string,
  { certificate }: { readonly certificate: string },
  origin: string,
): NodeJS.ProcessEnv {
  return {
    ...process.env,
    SFC_SERVER_URL: origin,
    SFC_BEARER_AUTH: "bench-token",
    NODE_EXTRA_CA_CERTS: certificate,
    XDG_STATE_HOME: join(folder, "state"),
    XDG_CONFIG_HOME: join(folder, "config"),
  };
}

/** Returns the command line for one run of img, with the options of the bench. */
export function imgCommand(args: readonly string[], options: BenchOptions): readonly string[] {
  const { lanes, partMiB, memoryMiB } = options;
  return [
    process.execPath,
    img,
    ...args,
    "--json",
    ...(lanes === null ? [] : ["--lanes", String(lanes)]),
    ...(partMiB === null ? [] : ["--part-size", `${partMiB}M`]),
    ...(memoryMiB === null ? [] : ["--memory", `${memoryMiB}M`]),
  ];
}

/** Returns the time in img's last line. */
export function insideSeconds(stdout: string): number {
  const last = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as { elapsedMs: number };
  return last.elapsedMs / 1000;
}

/** Makes an image of random bytes, which nothing can compress or leave out. */
function makeImage(path: string, sizeBytes: number): string {
  const hash = createHash("sha256");
  const chunk = Buffer.alloc(MiB);
  const file = openSync(path, "w");
  for (let at = 0; at < sizeBytes; at += MiB) {
    const filled = randomFillSync(chunk).subarray(0, Math.min(MiB, sizeBytes - at));
    hash.update(filled);
    writeSync(file, filled);
  }
  closeSync(file);
  return hash.digest("hex");
}

function makeCertificate(folder: string, host: string): { certificate: string; key: string } {
  const [certificate, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const files = ["-keyout", key, "-out", certificate, "-days", "2", "-nodes"];
  const names = ["-subj", "/CN=localhost", "-addext", `subjectAltName=DNS:localhost,IP:${host}`];
  execFileSync("openssl", ["req", "-x509", ...curve, ...files, ...names], { stdio: "ignore" });
  return { certificate, key };
}
