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

const suffix = ".journal";

/** What journals go by, beside the disk; the tests have machines of their own. */
interface Machine {
  readonly processes: Processes;
  readonly clock: LockClock;
}

const thisMachine: Machine = { processes: realProcesses, clock: lockClock };

/**
 * Journals in a folder of their own, readable for their user only, each named for its transfer.
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

/** The one journal that stands beside a download's part file, whatever key it is asked for. */
export function journalBeside(
  partPath: string,
  fs: FileSystem = realFileSystem,
  machine: Machine = thisMachine,
): JournalStore {
  const path = `${partPath}${suffix}`;
  // The part file is compared with the lock, so both are made alike: with all bits but the umask's.
  const mode = 0o666;
  const onTakeOver = () => putPartAside(fs, partPath);
  return {
    open: (_, options) => openFile(fs, path, { ...machine, ...options, mode, onTakeOver }),
    list: () => telling(dirname(path), () => listed([kept(stored(fs, machine, path))])),
  };
}

/**
 * Readable, then unmistakable: a file's name cannot hold every image's name, nor a URL. Without a
 * workspace it is that of version 1, whose journals are found by it.
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

/** Null if it was removed in between, or was written to later. */
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

/** From the first record, which most damage and most versions leave as it is. */
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

/** For a journal that does not say: at least something for a person to recognize. */
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
    await sweepBeside(fs, path); // drafts of former holders
    return new FileJournal(fs, path, lock);
  });
}
