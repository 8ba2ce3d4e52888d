import { MiB, type TransferOptions } from "@img/transfer";

/** The engine's options with a page's own defaults. */
export function pageDefaults<Options extends TransferOptions>(given: Options): Options {
  // Copies of parts are garbage for a while; parts of half the usual size keep the heap under 100 MiB.
  const { partBytes = 8 * MiB, memoryBytes = 64 * MiB } = given;
  // Over HTTP/1.1 a browser has six connections to a host. A request that waits for one would look like a stall.
  const lanes = Math.max(1, Math.min(4, Math.floor(memoryBytes / partBytes)));
  return { ...given, partBytes, memoryBytes, lanes: given.lanes ?? lanes };
}
