// What keeping receipts costs an upload, by how long its disk takes for a sync.
//   node receipts-process.js FOLDER IMAGE ROUNDS LANES  prints a list of ReceiptsCost as JSON.
import { SfcCore } from "@img/core/core.js";
import { fileJournals, nodePlatform, openFileSource } from "@img/node-fs";
import { MiB, upload, type Platform, type Source } from "@img/transfer";
import { median } from "../compare.js";
import { instantClient, instantPlatform, instantSource, server } from "../engine/instant-ports.js";
import { journalsOn, SlowDisk, syncingInTheLane } from "./slow-disk.js";

/** The cost for one kind of upload. Seconds are medians; ratios are medians over pairs of one round. */
export interface ReceiptsCost {
  readonly parts: string;
  readonly count: number;
  /** The time on a disk that syncs at once. */
  readonly seconds: number;
  /** The time as a multiple of that, if a sync takes 5 ms. */
  readonly withSlowSync: number;
  /** The same multiple if each lane waited for a sync of each receipt. One round. */
  readonly withSyncInTheLane: number;
}

const partBytes = 5 * MiB;
const syncMs = 5;
const [folder = "", image = "", rounds = "5", lanes = "8"] = process.argv.slice(2);

/** A kind of upload: its size, and where its parts go. */
interface Kind {
  readonly parts: string;
  readonly client: SfcCore;
  readonly server: string;
  readonly platform: Platform;
  open(): Promise<{ readonly source: Source; close(): Promise<void> }>;
}

type On = (platform: Platform) => Platform;
const onFastDisk: On = (platform) => platform;
const onSlowDisk: On = (platform) => ({
  ...platform,
  journals: journalsOn(new SlowDisk(syncMs), platform.journals),
});
const withSyncInTheLane: On = (platform) => {
  const disk = new SlowDisk(syncMs);
  return { ...platform, openTransport: () => syncingInTheLane(disk, platform.openTransport()) };
};

async function secondsOf(kind: Kind, on: On): Promise<number> {
  const { client, server, platform } = kind;
  const opened = await kind.open();
  try {
    const task = { client, server, name: "bench", source: opened.source, platform: on(platform) };
    const startedMs = performance.now();
    await upload(task, { partBytes, lanes: Number(lanes) });
    return (performance.now() - startedMs) / 1000;
  } finally {
    await opened.close();
  }
}

async function costOf(kind: Kind): Promise<ReceiptsCost> {
  const opened = await kind.open();
  await opened.close();
  await secondsOf(kind, onSlowDisk); // warms up
  const fast: number[] = [];
  const slow: number[] = [];
  for (let n = 0; n < Number(rounds); n++) {
    fast.push(await secondsOf(kind, onFastDisk));
    slow.push(await secondsOf(kind, onSlowDisk));
  }
  const seconds = median(fast);
  return {
    parts: kind.parts,
    count: Math.ceil(opened.source.sizeBytes / partBytes),
    seconds,
    withSlowSync: median(slow.map((took, round) => took / fast[round]!)),
    withSyncInTheLane: (await secondsOf(kind, withSyncInTheLane)) / seconds,
  };
}

const journals = fileJournals(folder);
const ofNoTime: Kind = {
  parts: "that take no time",
  client: instantClient(),
  server,
  platform: instantPlatform(journals),
  open: async () => ({
    source: instantSource(4_000 * partBytes),
    close: () => Promise.resolve(),
  }),
};
const api = process.env["SFC_SERVER_URL"] ?? "";
const overTls: Kind = {
  parts: "over TLS",
  client: new SfcCore({ serverURL: api, bearerAuth: "bench-token" }),
  server: api,
  platform: nodePlatform(journals, image),
  open: async () => {
    const source = await openFileSource(image);
    return { source, close: () => source.close() };
  },
};

console.log(JSON.stringify([await costOf(ofNoTime), await costOf(overTls)]));
