import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { homeFolder } from "@img/node-fs/home-folder.js";
import { parseBytes } from "../report/bytes.js";
import { closest } from "../failure/closest.js";
import { UsageError } from "../failure/usage-error.js";

/** The settings of `config.toml`. All are optional. */
export interface ConfigFile {
  readonly server?: string;
  readonly workspace?: string;
  readonly tokenCommand?: string;
  readonly lanes?: number;
  readonly threads?: number;
  readonly limitRate?: number;
  readonly partSize?: number;
  readonly memory?: number;
  readonly stateDir?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Returns the configuration's path, whether the file exists or not; null for a user without a home. */
export function configPath(env: Env): string | null {
  const chosen = env["XDG_CONFIG_HOME"] ?? "";
  const home = homeFolder();
  if (isAbsolute(chosen)) return join(chosen, "img", "config.toml");
  return home === null ? null : join(home, ".config", "img", "config.toml");
}

/** Names the configuration file in a message. */
export const configName = (path: string | null): string =>
  path ?? "$XDG_CONFIG_HOME/img/config.toml";

/**
 * Reads the configuration. A missing file has no settings.
 *
 * @throws {UsageError} It is not TOML, or has an unknown key or an invalid value.
 */
export async function readConfig(path: string | null): Promise<ConfigFile> {
  const text = path === null ? null : await fileText(path);
  return text === null ? {} : parseConfig(text, path!);
}

/** Returns the text of the configuration file; null if there is none. */
export async function fileText(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch((error: unknown) => {
    // A user without a home may have /dev/null as home.
    if (["ENOENT", "ENOTDIR"].includes(String((error as { code?: unknown }).code))) return null;
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}.`);
  });
}

/** Parses the text of the configuration file. @throws {UsageError} As `readConfig`. */
export async function parseConfig(text: string, path: string): Promise<ConfigFile> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    return readTable(parse(text), path);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new UsageError(`${path}, line ${error.line}: ${error.message.split("\n")[0]!}`);
  }
}

type Read = (value: unknown, path: string) => unknown;

const keys: Readonly<Record<string, { readonly as: keyof ConfigFile; readonly read: Read }>> = {
  server: { as: "server", read: string },
  workspace: { as: "workspace", read: string },
  token_command: { as: "tokenCommand", read: string },
  lanes: { as: "lanes", read: wholeNumber },
  threads: { as: "threads", read: wholeNumber },
  limit_rate: { as: "limitRate", read: bytes },
  part_size: { as: "partSize", read: bytes },
  memory: { as: "memory", read: bytes },
  state_dir: { as: "stateDir", read: folder },
};

function readTable(table: Readonly<Record<string, unknown>>, path: string): ConfigFile {
  const config: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(table)) {
    const known = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (known === undefined) throw unknownKey(key, path);
    try {
      config[known.as] = known.read(value, path);
    } catch (error) {
      throw new UsageError(`${path}: ${key} is not valid. ${(error as Error).message}`);
    }
  }
  return config;
}

function unknownKey(key: string, path: string): UsageError {
  return key === "token"
    ? new UsageError(
        `${path} must not contain a token.`,
        'Set SFC_BEARER_AUTH, or a command that prints it: token_command = "pass show img"',
      )
    : new UsageError(`${path}: unknown key "${key}".`, knownKeys(key));
}

/** Lists the keys that may have been meant. */
export function knownKeys(key: string): string {
  const meant = closest(key.replaceAll("-", "_"), configKeys);
  return meant === undefined ? `Known keys: ${configKeys.join(", ")}.` : `Did you mean "${meant}"?`;
}

export const configKeys: readonly string[] = Object.keys(keys);

function string(value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new Error("Give a text in quotes.");
}

/** Resolves a folder in the home (`~/…`), or relative to the configuration file. */
function folder(value: unknown, path: string): string {
  const given = string(value);
  if (!/^~(\/|$)/.test(given)) return resolve(dirname(path), given);
  const home = homeFolder();
  if (home === null) throw new Error("This user has no home folder. Give an absolute path.");
  return join(home, given.slice(1));
}

function wholeNumber(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new Error("Give a whole number.");
}

function bytes(value: unknown): number {
  return typeof value === "number" ? parseBytes(String(value)) : parseBytes(string(value));
}
