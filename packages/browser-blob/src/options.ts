import { MiB, type TransferOptions } from "@img/transfer";

/** The engine's options with a page's own defaults. */
export function pageDefaults<Options extends TransferOptions>(given: Options): Options {
  return {
    ...given,
    // What is read and copied is garbage for a while: parts of half the size keep the heap under 100 MiB.
    partBytes: given.partBytes ?? 8 * MiB,
    memoryBytes: given.memoryBytes ?? 64 * MiB,
    // Over HTTP/1.1 a browser has six connections to a host; what waits for one would look like a stall.
    lanes: given.lanes ?? 4,
  };
}
