import { copyFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "../compare.js";
import { isInstalled, isOnPath } from "../machine.js";
import type { BenchOptions } from "../options.js";
import { imgCommand, insideSeconds, type Stage } from "../stage.js";
import { s3Commands } from "./s3-commands.js";

/** Returns the contenders: img first, then other programs, then the maximum of this machine. */
export function uploadContenders(
  stage: Stage,
  options: BenchOptions,
  tusOrigin: string | null,
  imageUrl: string | null,
): readonly Contender[] {
  const { origin, image } = stage;
  return [
    ...ours(options, image, imageUrl),
    {
      name: "floor",
      what: "curl -T beside openssl dgst (the floor)",
      command: withTools(["curl", "openssl"], floorOf(stage)),
    },
    {
      name: "vendor",
      what: "the vendor's flow: whole parts of 64 MiB, then a second pass",
      command: peer("vendor-flow.js", origin, image),
    },
    {
      name: "lib-storage",
      what: "@aws-sdk/lib-storage 16 MiB x 4, no digest",
      command: isInstalled("@aws-sdk/lib-storage") ? peer("lib-storage.js", origin, image) : null,
    },
    ...s3Commands(stage),
    {
      name: "tus",
      what: "tus-js-client to @tus/server, no digest",
      command: tusOrigin === null ? null : peer("tus-upload.js", `${tusOrigin}/files`, image),
    },
    {
      name: "ceiling",
      what: "4 x curl -T, no digest (what the discarding server can take)",
      command: withTools(["curl"], ceilingOf(stage)),
    },
  ];
}

const ours = (options: BenchOptions, image: string, url: string | null): readonly Contender[] => [
  {
    name: "img",
    what: "img upload",
    command: imgCommand(["upload", image, "--name", "bench"], options),
    insideSeconds,
  },
  {
    name: "url",
    what: "img upload of the file's URL, from a web server on this machine",
    command: url === null ? null : imgCommand(["upload", url, "--name", "bench-url"], options),
  },
];

const peer = (program: string, ...args: string[]): readonly string[] => [
  process.execPath,
  join(import.meta.dirname, program),
  ...args,
];

export function withTools(tools: readonly string[], script: string): readonly string[] | null {
  return tools.every(isOnPath) ? ["sh", "-c", script] : null;
}

/**
 * A shell command in which both programs must succeed; the shell's `wait` without a process would ignore
 * failures.
 */
const floorOf = ({ origin, image, certificate }: Stage): string =>
  `${putOf(origin, certificate, image, 1)} & put=$!; openssl dgst -sha256 '${image}' >/dev/null && wait $put`;

function ceilingOf({ origin, image, certificate, folder, sizeBytes }: Stage): string {
  const quarter = join(folder, "quarter");
  copyFileSync(image, quarter);
  truncateSync(quarter, Math.ceil(sizeBytes / 4));
  const puts = [1, 2, 3, 4].map((n) => `${putOf(origin, certificate, quarter, n)} & p${n}=$!`);
  return `${puts.join("; ")}; wait $p1 && wait $p2 && wait $p3 && wait $p4`;
}

const putOf = (origin: string, certificate: string, file: string, number: number): string =>
  `curl -sf --cacert '${certificate}' -o /dev/null -T '${file}' ${origin}/part/${number}`;
