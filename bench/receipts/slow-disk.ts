import { setTimeout as wait } from "node:timers/promises";
import type { JournalFile, JournalStore, PartTransport } from "@img/transfer";

/** A disk that takes `syncMs` for a sync, and makes one at a time. */
export class SlowDisk {
  readonly #syncMs: number;
  #last: Promise<void> = Promise.resolve();

  constructor(syncMs: number) {
    this.#syncMs = syncMs;
  }

  sync(): Promise<void> {
    this.#last = this.#last.then(() => wait(this.#syncMs));
    return this.#last;
  }
}

/** Returns journals that are durable only after `disk` has synced as often as a real journal syncs. */
export function journalsOn(disk: SlowDisk, inner: JournalStore): JournalStore {
  return {
    open: async (key, options) => fileOn(disk, await inner.open(key, options)),
    list: () => inner.list(),
  };
}

function fileOn(disk: SlowDisk, inner: JournalFile): JournalFile {
  return {
    read: () => inner.read(),
    append: async (bytes) => {
      await inner.append(bytes);
      await disk.sync();
    },
    replace: async (contents) => {
      await inner.replace(contents);
      await disk.sync(); // the new file
      await disk.sync(); // its folder
    },
    remove: async () => {
      await inner.remove();
      await disk.sync();
    },
    close: () => inner.close(),
  };
}

/** Returns the transport to compare with: each lane waits for a sync of its own receipt. */
export function syncingInTheLane(disk: SlowDisk, inner: PartTransport): PartTransport {
  return {
    put: async (request) => {
      const answer = await inner.put(request);
      await disk.sync();
      return answer;
    },
    get: (request) => inner.get(request),
    close: () => inner.close(),
  };
}
