import { performance } from "node:perf_hooks";
import { realFileSystem, type FileSystem } from "@img/files";
import type { PartTransport, Share } from "@img/transfer";
import { DigestThreads } from "./hashing/digest-threads.js";
import { TransportPool } from "./http/transport-pool.js";
import { Sessions } from "./http/sessions.js";
import { UndiciTransport } from "./http/transport.js";
import { sharedFolderSyncs } from "./files/shared-folder-syncs.js";
import { LaneThreadPool } from "./threads/lane-thread-pool.js";
import { ProcessorLimit } from "./processors.js";
import { threadsOf } from "./threads/thread-options.js";

/** The connections, threads and disk that a transfer uses. */
export interface Machine {
  /** Its part of the budgets that it shares with others; undefined if it shares none. */
  readonly share?: Share;
  readonly digests?: DigestThreads;
  readonly disk: FileSystem;
  openTransport(): PartTransport;
  /** See `Platform.busyMs`. */
  busyMs(): readonly number[];
}

/** Lanes in the calling thread. */
class OwnThread {
  readonly #sessions = new Sessions();

  openTransport(): PartTransport {
    return new UndiciTransport(undefined, this.#sessions);
  }

  busyMs(): number {
    return performance.eventLoopUtilization().active;
  }
}

/** @throws {InvalidOptionError} `threads` is no whole number from 1 to 16. */
function lanesIn(given: number | undefined): Pick<Machine, "openTransport" | "busyMs"> {
  const threads = threadsOf(given);
  const lanes = threads === 1 ? new OwnThread() : new LaneThreadPool(threads);
  const processors = new ProcessorLimit();
  return {
    openTransport: () => lanes.openTransport(),
    busyMs: () => [lanes.busyMs(), processors.busyMs()],
  };
}

/**
 * The machine of a transfer that shares nothing.
 *
 * @throws {InvalidOptionError} `threads` is no whole number from 1 to 16.
 */
export const ownMachine = (threads: number | undefined): Machine => ({
  ...lanesIn(threads),
  disk: realFileSystem,
});

/** Connections and threads that several transfers use, until it is closed. */
export class SharedMachine {
  readonly #lanes: Pick<Machine, "openTransport" | "busyMs">;
  readonly #connections: TransportPool;
  readonly #digests = DigestThreads.shared();
  readonly #disk = sharedFolderSyncs(realFileSystem);

  /** @throws {InvalidOptionError} `threads` is no whole number from 1 to 16. */
  constructor(threads: number | undefined) {
    this.#lanes = lanesIn(threads);
    this.#connections = new TransportPool(() => this.#lanes.openTransport());
  }

  /** The machine of one transfer. */
  for(share: Share): Machine {
    return {
      share,
      digests: this.#digests,
      disk: this.#disk,
      openTransport: () => this.#connections.transport(),
      busyMs: () => this.#lanes.busyMs(),
    };
  }

  /** Closes the connections and ends the threads. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.#connections.close(), this.#digests.close()]);
  }
}
