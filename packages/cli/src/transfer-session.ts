import type { SfcCore } from "@img/core/core.js";
import type { TransferProgress } from "@img/node-fs";
import { formatShare } from "./bytes.js";
import { clientOf } from "./client.js";
import { openReport } from "./open-report.js";
import { readSettings, type Settings } from "./settings.js";
import type { TransferFlags } from "./transfer-options.js";
import type { TransferReport } from "./transfer-report.js";

/** What an upload or a download works with: settings, a client and a report. */
export interface Session {
  readonly settings: Settings;
  readonly client: SfcCore;
  readonly report: TransferReport;
}

export async function openSession(flags: TransferFlags): Promise<Session> {
  const settings = await readSettings(flags);
  const report = openReport(flags);
  const client = await clientOf(settings, (seen) => report.seen(seen));
  return { settings, client, report };
}

/** How far a transfer is, as a sentence. */
export function farText(progress: TransferProgress | null): string {
  if (progress === null || progress.sizeBytes === 0) return "";
  const { doneBytes, sizeBytes } = progress;
  if (doneBytes === 0) return "No part has arrived whole yet.";
  const percent = Math.floor((doneBytes * 100) / sizeBytes);
  return `${formatShare(doneBytes, sizeBytes)} (${percent}%) have arrived and are kept.`;
}
