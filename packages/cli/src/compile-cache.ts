import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import { Script } from "node:vm";
import { homeFolder } from "@img/node-fs/home-folder.js";

export interface Loaded {
  readonly exports: unknown;
  /** Writes down what has been compiled so far, unless an earlier run did. Never throws. */
  readonly keep: () => void;
}

/**
 * Loads a CommonJS file without compiling again what an earlier run of the same command has compiled, which
 * is a fifth of a short command (measured on Node 20). Node 22.8 and later do that themselves.
 *
 * @param command Whose functions are kept: letters only, anything else is not kept.
 */
export function loadCompiled(file: string, command: string): Loaded {
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (folder: string) => unknown };
  const folder = cacheFolder();
  if (folder === null || enableCompileCache !== undefined || !/^[a-z]+$/.test(command)) {
    if (folder !== null) enableCompileCache?.(folder);
    return { exports: nodeModule.createRequire(file)(file), keep: () => undefined };
  }
  const kept = join(folder, `${command}-${process.version}-${process.arch}.compiled`);
  return loadKept(file, kept);
}

/**
 * Not in the folder for temporary files, which is Node's default: others may write there, and what is kept
 * is run. Null for a user without a home.
 */
function cacheFolder(): string | null {
  const chosen = process.env["XDG_CACHE_HOME"] ?? "";
  const home = homeFolder();
  if (isAbsolute(chosen)) return join(chosen, "img");
  return home === null ? null : join(home, ".cache", "img");
}

/**
 * The same, whichever Node this is.
 *
 * @param kept The file for what was compiled; used only if it belongs to `user`, who runs this.
 */
export function loadKept(file: string, kept: string, user = process.getuid?.()): Loaded {
  const source = nodeModule.wrap(readFileSync(file, "utf8"));
  const cachedData = readKept(kept, source, user);
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
  const module = { exports: {} };
  const run = script.runInThisContext() as (...args: unknown[]) => void;
  run.call(
    module.exports,
    module.exports,
    nodeModule.createRequire(file),
    module,
    file,
    dirname(file),
  );
  // V8 refuses what another V8 has made, or one with other flags.
  const isKept = cachedData !== undefined && script.cachedDataRejected !== true;
  return {
    exports: module.exports,
    keep: () => {
      if (!isKept) writeKept(kept, source, script.createCachedData());
    },
  };
}

/**
 * @returns Undefined where nothing is kept, or by somebody else (as under `sudo -E`), or of another source, or
 *   it is damaged: V8 itself looks at lengths only.
 */
function readKept(path: string, source: string, user: number | undefined): Buffer | undefined {
  try {
    if (user !== undefined && statSync(path).uid !== user) return undefined;
    const bytes = readFileSync(path);
    const data = bytes.subarray(stampBytes);
    return stampOf(source, data).equals(bytes.subarray(0, stampBytes)) ? data : undefined;
  } catch {
    return undefined;
  }
}

function writeKept(path: string, source: string, data: Buffer): void {
  try {
    makeFolder(dirname(path));
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, Buffer.concat([stampOf(source, data), data]), { mode: 0o600 });
    renameSync(unfinished, path);
  } catch {
    return; // then each run compiles
  }
}

/** Step by step: where none can be made, as below `/proc`, Node 20 tries `recursive` for ever. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

const stampBytes = 32;

const stampOf = (source: string, data: Buffer): Buffer =>
  createHash("sha256").update(source).update(data).digest();
