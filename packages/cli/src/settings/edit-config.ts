import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "../failure/usage-error.js";
import { printEvent, printText, type OutputFlags } from "../report/output.js";
import {
  configKeys,
  configName,
  configPath,
  fileText,
  knownKeys,
  parseConfig,
} from "./config-file.js";
import type { CommonFlags } from "./common-options.js";

const variables: Readonly<Record<string, string>> = {
  server: "SFC_SERVER_URL",
  workspace: "SFC_WORKSPACE",
};

/** `img config`: shows the settings that commands use, and where each comes from. */
export async function showConfig(flags: CommonFlags): Promise<void> {
  const path = configPath(process.env);
  const file = await valuesIn(path);
  printText(flags, `path           ${configName(path)}`);
  printEvent(flags, { event: "config", key: "file", value: configName(path), from: "path" });
  for (const key of configKeys) {
    const flag = key === "server" || key === "workspace" ? flags[key] : undefined;
    const variable = variables[key] ?? "";
    const [value, from] =
      flag != null
        ? [flag, `--${key}`]
        : process.env[variable]
          ? [process.env[variable], variable]
          : [file[key], "file"];
    if (value === undefined) continue;
    printEvent(flags, { event: "config", key, value: value, from });
    printText(flags, `${key.padEnd(15)}${value}${from === "file" ? "" : `  (${from})`}`);
  }
}

/** `img config path`: prints the configuration's path. */
export function printPath(flags: OutputFlags): void {
  const value = configName(configPath(process.env));
  printEvent(flags, { event: "config", key: "file", value, from: "path" });
  printText(flags, value);
}

/** `img config get KEY`: prints one setting. */
export async function printValue(key: string, flags: OutputFlags): Promise<void> {
  checkKey(key);
  const value = (await valuesIn(configPath(process.env)))[key];
  if (value === undefined) {
    throw new UsageError(
      `The configuration has no ${key}.`,
      `To set it: img config set ${key} VALUE`,
    );
  }
  printEvent(flags, { event: "config", key, value: value, from: "file" });
  printText(flags, value);
}

/**
 * `img config set KEY VALUE`: changes one setting. An invalid value is refused, and the file stays as it is.
 */
export async function writeValue(key: string, value: string, flags: OutputFlags): Promise<void> {
  checkKey(key);
  const path = configPath(process.env);
  if (path === null) {
    throw new UsageError("This user has no home folder.", "Set HOME, or XDG_CONFIG_HOME.");
  }
  const text = withValue((await fileText(path)) ?? "", key, value);
  await parseConfig(text, path);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, text, { mode: 0o600 });
  await rename(unfinished, path);
  printEvent(flags, { event: "config", key, value, from: "file" });
  printText(flags, `${key} is ${value} now, in ${path}`);
}

function withValue(text: string, key: string, value: string): string {
  const written =
    /^(lanes|threads)$/.test(key) && /^\d+$/.test(value) ? value : JSON.stringify(value);
  const line = `${key} = ${written}`;
  const present = new RegExp(`^[ \\t]*${key}[ \\t]*=.*$`, "m");
  if (present.test(text)) return text.replace(present, () => line);
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`;
}

function checkKey(key: string): void {
  if (key === "token") {
    throw new UsageError(
      "The configuration cannot contain a token.",
      "Set token_command to a command that prints it.",
    );
  }
  if (!configKeys.includes(key)) throw new UsageError(`Unknown key "${key}".`, knownKeys(key));
}

/** Returns the values by key, as they are written in the file. */
async function valuesIn(path: string | null): Promise<Readonly<Record<string, string>>> {
  const text = path === null ? null : await fileText(path);
  if (text === null) return {};
  const { parse } = await import("smol-toml");
  await parseConfig(text, path!);
  const entries = Object.entries(parse(text));
  // The file was checked: each value is a text or a number.
  return Object.fromEntries(
    entries.map(([key, value]) => [key, (value as string | number).toString()]),
  );
}
