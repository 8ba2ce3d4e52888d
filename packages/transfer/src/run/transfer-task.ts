import type { SfcCore } from "@img/core/core.js";
import type { Platform } from "../ports.js";
import type { Share } from "./share.js";

/** What every transfer is given, beside its options. */
export interface TransferTask {
  /** Calls the API; its own retries are not used. */
  readonly client: SfcCore;
  /** The API's own URL: with the name it says which upload this is. */
  readonly server: string;
  /** The machine: its journals, connections and clock. Transfers that cannot be resumed use no journal. */
  readonly platform: Platform;
  /** What the transfer shares with others. @default nothing */
  readonly share?: Share | undefined;
}
