import { listTransfers, stateDirOfUser, type UnfinishedTransfer } from "@img/node-fs";
import { TransferNotFoundError } from "@img/transfer";
import { configPath, readConfig } from "../settings/config-file.js";
import type { ServiceFlags } from "../settings/workspace.js";
import { UsageError } from "../failure/usage-error.js";

/** Returns the folder with the journals of this user's uploads. */
export async function stateDirOf(): Promise<string> {
  return (await readConfig(configPath(process.env))).stateDir ?? stateDirOfUser();
}

/** Lists the unfinished uploads, the latest first. */
export async function unfinishedUploads(): Promise<readonly UnfinishedTransfer[]> {
  return uploadsIn({ completed: false });
}

async function uploadsIn(options: {
  readonly completed: boolean;
}): Promise<readonly UnfinishedTransfer[]> {
  const all = await listTransfers({ stateDir: await stateDirOf(), ...options });
  return all.filter(({ key }) => key.kind === "upload");
}

/** Which uploads are meant, as far as the flags say it. */
export type Where = Pick<ServiceFlags, "server" | "workspace">;

/**
 * Finds the unfinished upload of this name.
 *
 * @param where Distinguishes uploads of the same name to several services or workspaces.
 * @throws {TransferNotFoundError} There is none.
 * @throws {UsageError} There are several.
 */
export async function unfinishedUpload(name: string, where: Where): Promise<UnfinishedTransfer> {
  return theOne(await unfinishedUploads(), name, where);
}

/**
 * Finds the upload of this name: an unfinished one, else one that was completed in the last days.
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

/** Whether an upload goes to the named service and workspace; always true if none was named. */
export const isThere = (key: UnfinishedTransfer["key"], { server, workspace }: Where): boolean =>
  (server === undefined || sameServer(key.server, server)) &&
  (workspace === undefined || key.workspace === workspace);

const flagsTo = ({ server, workspace }: UnfinishedTransfer["key"]): string =>
  `--server ${server}${workspace === null ? "" : ` --workspace ${workspace}`}`;

/** Compares the URLs of two servers, ignoring a `/` at the end. */
export const sameServer = (a: string, b: string): boolean => bare(a) === bare(b);

const bare = (url: string): string =>
  (URL.canParse(url) ? new URL(url).href : url).replace(/\/+$/, "");
