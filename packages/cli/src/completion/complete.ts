import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { createHash } from "node:crypto";
import { homeFolder } from "@img/node-fs/home-folder.js";
import type { CommandTable } from "../command-entry.js";
import { eachImage } from "../images/find-image.js";
import { printable } from "../report/text-width.js";
import { clientOf } from "../settings/client.js";
import { readSettings, type Settings } from "../settings/settings.js";
import { unfinishedUploads } from "../transfers/unfinished-uploads.js";
import { candidates } from "./candidates.js";

/** How long a completion waits for the service. */
const patienceMs = 250;
/** How long cached names are used without asking again. */
const freshMs = 60_000;

/**
 * `img complete -- WORD...`: prints one candidate a line, followed by a tab and its description. The line
 * `:files` tells the shell to complete file names. It never fails, because a shell must not print errors while
 * it completes a word.
 */
export async function complete(
  words: readonly string[],
  table: CommandTable,
  aliases: Readonly<Record<string, string>>,
): Promise<void> {
  const { words: found, also } = candidates(words, table, aliases);
  const current = words.at(-1) ?? "";
  const lines = found.map(({ word, text }) => (text === "" ? word : `${word}\t${text}`));
  if (also === "files") lines.push(":files");
  const names = also === "images" ? imageNames() : also === "uploads" ? uploadNames() : [];
  lines.push(...(await names).filter((name) => name.startsWith(current)).map(printable));
  if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
}

const uploadNames = async (): Promise<readonly string[]> =>
  unfinishedUploads().then(
    (all) => all.map(({ key }) => key.name),
    () => [],
  );

/**
 * Returns the names of images: from a fresh cache, else from the service if it answers quickly, else from the
 * old cache.
 */
async function imageNames(): Promise<readonly string[]> {
  try {
    const settings = await readSettings({});
    if (settings.token.from === "command") return []; // which may ask for a passphrase
    const cache = cacheOf(settings);
    const cached = await readFile(cache, "utf8").catch(() => "");
    const age = await stat(cache).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => Infinity,
    );
    if (age < freshMs) return cached.split("\n");
    const names = await Promise.race([listNames(settings), patience()]);
    if (names === null) return cached.split("\n").filter(Boolean);
    await mkdir(dirname(cache), { recursive: true, mode: 0o700 });
    await writeFile(cache, names.join("\n"), { mode: 0o600 });
    return names;
  } catch {
    return [];
  }
}

async function listNames(settings: Settings): Promise<readonly string[] | null> {
  const names: string[] = [];
  for await (const { name } of eachImage(await clientOf(settings), { limit: 200 })) {
    if (names.push(name) >= 200) break;
  }
  return names;
}

const patience = (): Promise<null> =>
  new Promise((resolve) => setTimeout(() => resolve(null), patienceMs).unref());

function cacheOf({ server, workspace, token }: Settings): string {
  const chosen = process.env["XDG_CACHE_HOME"] ?? "";
  const folder = isAbsolute(chosen) ? chosen : join(homeFolder() ?? "/nowhere", ".cache");
  const whose = JSON.stringify([server, workspace, token]);
  return join(
    folder,
    "img",
    `names-${createHash("sha256").update(whose).digest("hex").slice(0, 16)}`,
  );
}
