import type { SfcCore } from "@img/core/core.js";
import { interruptible, type Interruption } from "../failure/interruption.js";
import { openReport } from "../report/open-report.js";
import type { TransferReport } from "../report/transfer-report.js";
import { clientOf } from "../settings/client.js";
import { readSettings, type Settings } from "../settings/settings.js";
import type { TransferFlags } from "./transfer-options.js";

/** What an upload or a download needs: flags, settings, client, report and signal. */
export interface Session<Flags extends TransferFlags = TransferFlags> {
  readonly flags: Flags;
  readonly settings: Settings;
  readonly client: SfcCore;
  readonly report: TransferReport;
  readonly interruption: Interruption;
}

/** Runs a command that moves bytes, until it ends or a signal ends it. */
export const inSession = <Flags extends TransferFlags, T>(
  flags: Flags,
  work: (session: Session<Flags>) => Promise<T>,
  report: TransferReport = openReport(flags),
): Promise<T> =>
  interruptible(async (interruption) => {
    const settings = await readSettings(flags);
    const client = await clientOf(settings, (call) => report.call(call));
    return work({ flags, settings, client, report, interruption });
  });
