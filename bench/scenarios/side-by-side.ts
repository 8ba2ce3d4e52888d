import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ensureDir } from "fs-extra/esm";
import { compare, type Contender, type Row } from "../compare.js";
import { isInstalled, root } from "../machine.js";
import { measure } from "../measure.js";
import type { BenchOptions } from "../options.js";
import { downloadContenders } from "../peers/download-contenders.js";
import { uploadContenders } from "../peers/upload-contenders.js";
import { behindLink, onStage, type Stage } from "../stage.js";

/** What was compared, and what could not be run. */
export interface SideBySide {
  readonly sizeBytes: number;
  readonly rows: readonly Row[];
  readonly missing: readonly string[];
}

export const benchUpload = (options: BenchOptions): Promise<SideBySide> =>
  onStage(options, 2, (stage) =>
    withTusServer(stage, options, (tusOrigin) =>
      withWebServer(stage, options, (imageUrl) =>
        sideBySide(stage, options, "upload", uploadContenders(stage, options, tusOrigin, imageUrl)),
      ),
    ),
  );

export const benchDownload = (options: BenchOptions): Promise<SideBySide> =>
  onStage(options, 2, (stage) =>
    sideBySide(stage, options, "download", downloadContenders(stage, options)),
  );

async function sideBySide(
  { sizeBytes, env }: Stage,
  options: BenchOptions,
  scenario: string,
  all: readonly Contender[],
): Promise<SideBySide> {
  // All ratios are relative to img, so it always runs.
  const { only, runs } = options;
  const asked = all.filter(
    ({ name }) => only.length === 0 || name === "img" || only.includes(name),
  );
  const rows = await compare(asked, sizeBytes, runs, env);
  if (options.cpuProfile) await profile(asked[0]?.command ?? [], options.out, scenario, env);
  const missing = asked.filter(({ command }) => command === null);
  return { sizeBytes, rows, missing: missing.map(({ what }) => what) };
}

/**
 * Runs once more for a profile, which slows it down, so the run does not count. Each thread writes its own
 * file.
 */
async function profile(
  [node = "", ...args]: readonly string[],
  out: string,
  scenario: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const folder = join(out, `${scenario}-profiles`);
  await ensureDir(folder);
  await measure([node, "--cpu-prof", `--cpu-prof-dir=${folder}`, ...args], env);
  console.log(`CPU profiles: ${folder}`);
}

async function withWebServer<Result>(
  { image }: Stage,
  { only }: BenchOptions,
  work: (imageUrl: string | null) => Promise<Result>,
): Promise<Result> {
  if (only.length > 0 && !only.includes("url")) return work(null);
  const server = fork(join(root, "bench/dist/peers/web-server.js"), [image]);
  try {
    const [port] = (await once(server, "message")) as [number];
    return await work(`http://127.0.0.1:${port}/image`);
  } finally {
    server.kill();
  }
}

async function withTusServer<Result>(
  { certificate, key }: Stage,
  options: BenchOptions,
  work: (origin: string | null) => Promise<Result>,
): Promise<Result> {
  const wanted = options.only.length === 0 || options.only.includes("tus");
  if (!wanted || !isInstalled("@tus/server") || !isInstalled("tus-js-client")) return work(null);
  const server = fork(join(root, "bench/dist/peers/tus-server.js"), [certificate, key]);
  try {
    const [port] = (await once(server, "message")) as [number];
    return await behindLink({ port }, options, work);
  } finally {
    server.kill();
  }
}
