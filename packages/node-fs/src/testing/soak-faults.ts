import { parseChaos, type Chaos, type Fault } from "@img/local-server";
import type { Script } from "../../../local-server/src/testing/tcp-proxy.js";
import { MiB, partBytes } from "./seeded.js";

type Kind = Readonly<Record<string, unknown>> & { readonly do: Fault["do"] };

/** Bytes after which a body is broken: at once, near the start, in the middle, at the end. */
const places = [0, 100_000, partBytes / 2, partBytes - 1];
const broken: readonly Kind[] = places.flatMap((afterBytes) => [
  { do: "reset", afterBytes },
  { do: "fin", afterBytes },
  { do: "stall", afterBytes },
]);
const lost: readonly Kind[] = ["reset", "fin", "silence"].map((by) => ({ do: "lose-answer", by }));
const unwell: readonly Kind[] = [
  ...[429, 500, 502, 503, 504].map((status) => ({ do: "answer", status }) as const),
  { do: "answer", status: 503, headers: { "Retry-After": "2" } },
  { do: "answer", status: 429, headers: { "Retry-After": "garbage" } },
];
const slow: readonly Kind[] = [
  { do: "delay", ms: 50 },
  { do: "trickle", bytesPerSec: 1, afterBytes: MiB },
];

const onParts: readonly Kind[] = [
  ...broken,
  ...lost,
  ...unwell,
  ...slow,
  { do: "answer", status: 400, code: "RequestTimeout" },
  { do: "answer", status: 400, code: "BadDigest" },
  { do: "answer", status: 403 },
  { do: "answer", status: 503, when: "early" },
  { do: "answer", status: 503, when: "early", socket: "reset" },
  { do: "headers", headers: { ETag: null } },
  { do: "headers", headers: { ETag: '"opaque"' } },
  { do: "flip-bit", atByte: 1_000 },
];

const onDownloads: readonly Kind[] = [
  ...broken,
  ...unwell,
  ...slow,
  { do: "answer", status: 403 },
  { do: "headers", headers: { "Content-Range": null } },
  { do: "headers", headers: { "Content-Range": "bytes 0-1/2" } },
  { do: "resize", byBytes: -10 },
  { do: "resize", byBytes: 10 },
  { do: "ignore-range" },
];

const onCalls: readonly Kind[] = [
  ...lost,
  ...unwell,
  { do: "reset" },
  { do: "fin" },
  { do: "stall" },
  { do: "delay", ms: 20 },
  { do: "answer", status: 401 },
  { do: "answer", status: 200, body: "<!doctype html>" },
  { do: "answer", status: 200, body: "" },
  { do: "answer", status: 200, body: '{"object":' },
];

const byOperation = {
  part: onParts,
  download: onDownloads,
  ...Object.fromEntries(
    ["list", "create", "get", "partUrl", "complete", "downloadUrl"].map((on) => [on, onCalls]),
  ),
};

/**
 * Every fault after which the transfer, or its next run, succeeds. Each request gets one of them with the probability
 * `rate`.
 */
export function soakChaos(seed: number, rate: number): Chaos {
  const faults = Object.entries(byOperation).flatMap(([on, kinds]) =>
    // The first fault that is due is used, so each must be as likely among those that are left.
    kinds.map((kind, index) => {
      const share = rate / kinds.length;
      return { on, ...kind, chance: share / (1 - share * index), times: "always" };
    }),
  );
  return parseChaos(JSON.stringify({ seed, faults }));
}

/** Faults of connections. Each connection has many requests, so the fault comes at some point of its life. */
export function soakScript(random: () => number, rate: number): Script {
  const between = (least: number, most: number): number =>
    Math.floor(least + random() * (most - least));
  const way = random() < 0.5 ? "up" : "down";
  const kinds = [
    { cut: { afterBytes: between(0, 30 * MiB), by: "reset" } },
    { cut: { afterBytes: between(0, 30 * MiB), by: "fin" } },
    { cut: { afterBytes: between(0, 30 * MiB), by: "silence" } },
    { latencyMs: 20 },
    { segmentBytes: between(500, 5_000) },
    { bytesPerSec: 30 * MiB },
  ] as const;
  return random() < rate * 5 ? { [way]: kinds[between(0, kinds.length)] } : {};
}
