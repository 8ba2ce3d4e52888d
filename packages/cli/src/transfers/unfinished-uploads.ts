import { listTransfers, stateDirOfUser, type UnfinishedTransfer } from "@img/node-fs";
import { TransferNotFoundError } from "@img/transfer";
import { configPath, readConfig } from "../settings/config-file.js";
import type { ServiceFlags } from "../settings/workspace.js";
import { UsageError } from "../failure/usage-error.js";

/** Where this user's uploads are remembered. */
export async function stateDirOf(): Promise<string> {
  return (await readConfig(configPath(process.env))).stateDir ?? stateDirOfUser();
}

/** The uploads that are not finished, the latest first. */
export async function unfinishedUploads(): Promise<readonly UnfinishedTransfer[]> {
  return uploadsIn({ completed: false });
}

async function uploadsIn(options: {
  readonly completed: boolean;
}): Promise<readonly UnfinishedTransfer[]> {
  const all = await listTransfers({ stateDir: await stateDirOf(), ...options });
  return all.filter(({ key }) => key.kind === "upload");
}

/** Which uploads are meant, where that was said. */
export type Where = Pick<ServiceFlags, "server" | "workspace">;

/**
 * The unfinished upload of this name.
 *
 * @param where Tells apart uploads of the same name to several services or workspaces.
 * @throws {TransferNotFoundError} There is none.
 * @throws {UsageError} There are several.
 */
export async function unfinishedUpload(name: string, where: Where): Promise<UnfinishedTransfer> {
  return theOne(await unfinishedUploads(), name, where);
}

/**
 * The upload of this name: an unfinished one, else one that was completed within the last days.
 *
 * @throws As `unfinishedUpload` does.
 */
export async function rememberedUpload(name: string, where: Where): Promise<UnfinishedTransfer> {
  const all = await uploadsIn({ completed: true });
  const unfinished = all.filter(({ at }) => at !== "completed");
  const isMeant = unfinished.some(({ key }) => key.name === name && isThere(key, where));
  return theOne(isMeant ? unfinished : all, name, where);
}

function theOne(
  all: readonly UnfinishedTransfer[],
  name: string,
  where: Where,
): UnfinishedTransfer {
  const known = all.filter(({ key }) => key.name === name && isThere(key, where));
  const [found, ...others] = known;
  if (found === undefined) throw new TransferNotFoundError(name);
  if (others.length > 0) {
    const choices = known.map(({ key }) => flagsTo(key)).join(", or ");
    throw new UsageError(
      `There are several uploads of ${name}.`,
      `Add one of these options: ${choices}.`,
    );
  }
  return found;
}

/** Whether an upload goes where it was said; everywhere if nothing was said. */
export const isThere = (key: UnfinishedTransfer["key"], { server, workspace }: Where): boolean =>
  (server === undefined || sameServer(key.server, server)) &&
  (workspace === undefined || key.workspace === workspace);

const flagsTo = ({ server, workspace }: UnfinishedTransfer["key"]): string =>
  `--server ${server}${workspace === null ? "" : ` --workspace ${workspace}`}`;

/** As their URLs, `/` at the end or not. */
export const sameServer = (a: string, b: string): boolean => bare(a) === bare(b);

const bare = (url: string): string =>
  (URL.canParse(url) ? new URL(url).href : url).replace(/\/+$/, "");
