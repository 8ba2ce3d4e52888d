import type { SfcCore } from "@img/core/core.js";
import { listTransfers, type PageTransfer } from "@img/browser-blob";
import { keptDownloads } from "./downloads-folder.js";
import type { Task } from "./transfer-state.js";
import { Transfer } from "./transfer.js";

/** Transfers that earlier tabs left unfinished. */
export interface UnfinishedBefore {
  readonly unfinished: readonly Transfer[];
  /** Another tab is working on some transfers. */
  readonly areMoreElsewhere: boolean;
}

/**
 * Finds unfinished transfers that the page does not show yet. Transfers without any arrived byte are left out:
 * choosing the file again starts them again.
 */
export async function unfinishedBefore(
  client: SfcCore,
  shown: readonly Transfer[],
): Promise<UnfinishedBefore> {
  const found = (await listTransfers()).filter(
    (one) => one.damage === null && one.doneBytes > 0 && !shown.some(isOf(one)),
  );
  const free = found.filter(({ holder }) => holder === null);
  return {
    unfinished: free.map((one) => paused(client, one)).filter((one) => one !== null),
    areMoreElsewhere: free.length < found.length,
  };
}

const isOf =
  ({ key }: PageTransfer) =>
  ({ task, state }: Transfer): boolean =>
    task.kind === key.kind && task.name === key.name && state.at !== "done" && state.at !== "kept";

function paused(client: SfcCore, found: PageTransfer): Transfer | null {
  const { key, handle, imageId } = found;
  const { kind, name } = key;
  const task: Task | null =
    kind === "upload"
      ? { kind, name, image: handle }
      : handle && { kind, name, id: imageId, target: handle };
  return task && new Transfer(client, task, { at: "paused" }, found);
}

/** Finds downloads in the browser's storage that were not saved before their tab was closed. */
export async function keptFromBefore(
  client: SfcCore,
  shown: readonly Transfer[],
): Promise<readonly Transfer[]> {
  const unfinished = await listTransfers();
  const isKnown = (name: string): boolean =>
    shown.some(({ task }) => task.kind === "download" && task.target.name === name) ||
    unfinished.some(({ key, handle }) => key.kind === "download" && handle?.name === name);
  return (await keptDownloads())
    .filter(({ name }) => !isKnown(name))
    .map(({ name, target, sizeBytes }) => {
      const task = { kind: "download", name, id: null, target } as const;
      return new Transfer(client, task, { at: "kept", sizeBytes });
    });
}
