import { listTransfers, stateDirOfUser, type UnfinishedTransfer } from "@img/node-fs";
import { TransferNotFoundError } from "@img/transfer";
import { configPath, readConfig } from "./config-file.js";
import { UsageError } from "./usage-error.js";

/** Where this user's uploads are remembered. */
export async function stateDirOf(): Promise<string> {
  return (await readConfig(configPath(process.env))).stateDir ?? stateDirOfUser();
}

/** The uploads that are not finished, the latest first. */
export async function unfinishedUploads(): Promise<readonly UnfinishedTransfer[]> {
  const all = await listTransfers({ stateDir: await stateDirOf() });
  return all.filter(({ key }) => key.kind === "upload");
}

/**
 * The unfinished upload of this name.
 *
 * @param server Where the same name is unfinished on several services; else undefined.
 * @throws {TransferNotFoundError} There is none.
 * @throws {UsageError} There are several.
 */
export async function unfinishedUpload(
  name: string,
  server: string | undefined,
): Promise<UnfinishedTransfer> {
  const known = (await unfinishedUploads()).filter(
    ({ key }) => key.name === name && (server === undefined || sameServer(key.server, server)),
  );
  const [found, ...others] = known;
  if (found === undefined) throw new TransferNotFoundError(name);
  if (others.length > 0) {
    const servers = known.map(({ key }) => key.server).join(", ");
    throw new UsageError(`${name} is unfinished on several services.`, `Say --server: ${servers}`);
  }
  return found;
}

/** As their URLs, `/` at the end or not. */
export const sameServer = (a: string, b: string): boolean => bare(a) === bare(b);

const bare = (url: string): string =>
  (URL.canParse(url) ? new URL(url).href : url).replace(/\/+$/, "");
