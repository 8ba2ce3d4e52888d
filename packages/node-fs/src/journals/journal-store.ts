import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import {
  ensureFolder,
  lockClock,
  lockHolder,
  readWhole,
  realFileSystem,
  realProcesses,
  sweepBeside,
  takeLock,
  unlessMissing,
  type FileSystem,
  type LockClock,
  type LockOptions,
  type Processes,
} from "@img/files";
import {
  kept,
  type JournalFile,
  type JournalKey,
  type JournalStore,
  type StoredJournal,
} from "@img/transfer";
import { putPartAside } from "../files/former-part.js";
import { FileJournal, telling } from "./file-journal.js";
import { stateDirOfUser, type StateDirOptions } from "./state-dir.js";

/** Where the journals of uploads are kept. */
export interface JournalOptions extends StateDirOptions {
  /** A store of journals of your own, instead of `stateDir`. @default the journals in `stateDir` */
  readonly journals?: JournalStore | undefined;
}

/** The journals that a caller has given, or else those in a folder. */
export const journalsOf = (
  { journals, stateDir }: JournalOptions,
  fs: FileSystem = realFileSystem,
): JournalStore => journals ?? fileJournals(stateDir ?? stateDirOfUser(), fs);

/** No journals: a transfer of a stream cannot be resumed. */
export const noJournals: JournalStore = {
  open: () => Promise.reject(new Error("bug: a stream has no journal")),
  list: async () => [],
};

const suffix = ".journal";

/** The process and clock that locks use. Tests replace it. */
interface Machine {
  readonly processes: Processes;
  readonly clock: LockClock;
}

const thisMachine: Machine = { processes: realProcesses, clock: lockClock };

/**
 * Journals in a folder of their own, which only their user can read. Each is named for its transfer.
 *
 * @param stateDir Made when the first journal is opened.
 */
export function fileJournals(
  stateDir: string,
  fs: FileSystem = realFileSystem,
  machine: Machine = thisMachine,
): JournalStore {
  return {
    open: (key, options) => {
      const path = join(stateDir, `${stemOf(key)}${suffix}`);
      return openFile(fs, path, { ...machine, ...options });
    },
    list: ({ writtenBeforeSec } = {}) =>
      telling(stateDir, async () => {
        const names = (await fs.readdir(stateDir).catch(unlessMissing)) ?? [];
        const journals = names.filter((name) => /^(up|down)load-.*\.journal$/.test(name));
        const paths = journals.map((name) => join(stateDir, name));
        return listed(paths.map((path) => stored(fs, machine, path, writtenBeforeSec)));
      }),
  };
}

/** The journal beside a download's part file. It is the only one there, whatever the key. */
export function journalBeside(
  partPath: string,
  fs: FileSystem = realFileSystem,
  machine: Machine = thisMachine,
): JournalStore {
  const path = `${partPath}${suffix}`;
  // The part file's mode is compared with the lock's, so both are made with the same mode.
  const mode = 0o666;
  const onTakeOver = () => putPartAside(fs, partPath);
  return {
    open: (_, options) => openFile(fs, path, { ...machine, ...options, mode, onTakeOver }),
    list: () => telling(dirname(path), () => listed([kept(stored(fs, machine, path))])),
  };
}

/**
 * Returns the file name of a journal: a readable part, then a hash, since a file name cannot hold every image
 * name or URL. Without a workspace it is the name that version 1 used, so that its journals are found.
 */
function stemOf({ kind, server, workspace, name }: JournalKey): string {
  const readable = name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 60);
  const whole = workspace === null ? [server, name] : [server, name, workspace];
  const hash = createHash("sha256").update(JSON.stringify(whole)).digest("hex");
  return `${kind}-${readable}-${hash.slice(0, 16)}`;
}

async function listed(
  journals: readonly Promise<StoredJournal | null>[],
): Promise<readonly StoredJournal[]> {
  return (await Promise.all(journals)).filter((journal) => journal !== null);
}

/** Reads a stored journal. Null if it was deleted meanwhile, or is newer than asked for. */
async function stored(
  fs: FileSystem,
  { processes }: Machine,
  path: string,
  writtenBeforeSec = Infinity,
): Promise<StoredJournal | null> {
  const stat = await fs.stat(path).catch(unlessMissing);
  const writtenAtSec = Number((stat?.mtimeNs ?? 0n) / 1_000_000_000n);
  if (stat === null || writtenAtSec >= writtenBeforeSec) return null;
  const contents = await readWhole(fs, path).catch(unlessMissing);
  if (contents === null) return null;
  const holder = await lockHolder(fs, lockOf(path), processes);
  return { key: keyIn(contents) ?? keyFrom(basename(path)), contents, holder, writtenAtSec };
}

/** Reads the key from the first record, which most kinds of damage leave intact. */
function keyIn(contents: Uint8Array): JournalKey | null {
  const begin = /\{"type":"begin".*\}$/m.exec(new TextDecoder().decode(contents));
  try {
    const said = JSON.parse(begin?.[0] ?? "{}") as Record<string, unknown>;
    const { kind, server, workspace = null, name } = said;
    if (kind !== "upload" && kind !== "download") return null;
    if (typeof server !== "string" || typeof name !== "string") return null;
    return { kind, server, workspace: typeof workspace === "string" ? workspace : null, name };
  } catch {
    return null;
  }
}

const unknown = { server: "", workspace: null } as const;

/** A key made of the file name, for a journal whose key cannot be read. */
function keyFrom(fileName: string): JournalKey {
  const match = /^upload-(.*)-[0-9a-f]{16}\.journal$/.exec(fileName);
  return match === null
    ? { kind: "download", ...unknown, name: fileName }
    : { kind: "upload", ...unknown, name: match[1]! };
}

/** The lock of the journal at `path`. */
const lockOf = (path: string): string => path.slice(0, -suffix.length) + ".lock";

async function openFile(fs: FileSystem, path: string, options: LockOptions): Promise<JournalFile> {
  return telling(dirname(path), async () => {
    await ensureFolder(fs, dirname(path), 0o700);
    const lock = await takeLock(fs, lockOf(path), options);
    await sweepBeside(fs, path); // delete drafts of former holders
    return new FileJournal(fs, path, lock);
  });
}
