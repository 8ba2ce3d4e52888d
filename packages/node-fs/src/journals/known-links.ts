import { join } from "node:path";
import { readWhole, writeAtomically, type FileSystem } from "@img/files";
import type { KnownLinks, LearnedLink, LinkDirection, Platform } from "@img/transfer";
import { systemClock } from "../clock.js";
import type { JournalOptions } from "./journal-store.js";
import { stateDirOfUser } from "./state-dir.js";

/** Of one server: what the last transfer learned each way, and when. */
type Entry = Partial<Record<LinkDirection, LearnedLink & { readonly atSec: number }>>;
type Entries = Record<string, Entry>;

const fileName = "links.json";
const lastsSec = 24 * 3600;
const mostServers = 32;
const mostFileBytes = 64 * 1024;

/**
 * What was learned of the links to servers, in a file of the state folder: host names and figures. It is a hint: what cannot
 * be read or written is as if it were not there.
 *
 * @param folder Not made for it.
 */
export function linksInFile(folder: string, fs: FileSystem, nowSec: () => number): KnownLinks {
  const path = join(folder, fileName);
  return {
    of: async (server, direction) => {
      if (isHere(server)) return null;
      const entry = (await read(fs, path, nowSec()))[hostOf(server)]?.[direction];
      if (entry === undefined) return null;
      const { lanes, bytesPerSecond } = entry;
      return { lanes, bytesPerSecond };
    },
    keep: async (server, direction, { lanes, bytesPerSecond }) => {
      if (isHere(server)) return;
      const entries = await read(fs, path, nowSec());
      const host = hostOf(server);
      const entry = { ...entries[host], [direction]: { lanes, bytesPerSecond, atSec: nowSec() } };
      const others = Object.entries(entries).filter(([other]) => other !== host);
      const kept = [[host, entry] as const, ...others].slice(0, mostServers);
      const text = JSON.stringify({ version: 1, links: Object.fromEntries(kept) });
      await writeAtomically(fs, path, text).catch(() => undefined);
    },
  };
}

/** Where a transfer keeps what it learns: beside its journals, else in the state folder of this user, if there is one. */
export function linksOf(
  { journals, stateDir }: JournalOptions,
  fs: FileSystem,
): Pick<Platform, "knownLinks"> {
  if (journals !== undefined && stateDir === undefined) return {};
  try {
    const nowSec = (): number => Math.floor(systemClock.wallMs() / 1000);
    return { knownLinks: linksInFile(stateDir ?? stateDirOfUser(), fs, nowSec) };
  } catch {
    return {}; // this user has no home
  }
}

/** Whether a server is on this machine, to which no link leads. */
const isHere = (server: string): boolean =>
  /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(server).hostname);

const hostOf = (server: string): string => new URL(server).host;

/** Returns the entries that are not too old. */
async function read(fs: FileSystem, path: string, nowSec: number): Promise<Entries> {
  const bytes = await readWhole(fs, path).catch(() => new Uint8Array());
  const links = bytes.length > mostFileBytes ? {} : entriesIn(new TextDecoder().decode(bytes));
  const hosts = Object.entries(links).map(([host, entry]) => {
    const ways = directions.map((way) => [way, isRecord(entry) ? entry[way] : null] as const);
    const usable = ways.filter(([, learned]) => isLearned(learned, nowSec));
    return [host, Object.fromEntries(usable)] as const;
  });
  return Object.fromEntries(hosts.filter(([, entry]) => Object.keys(entry).length > 0));
}

const directions = ["up", "down"] as const;

function entriesIn(text: string): Record<string, unknown> {
  try {
    const file: unknown = JSON.parse(text);
    return isRecord(file) && file["version"] === 1 && isRecord(file["links"]) ? file["links"] : {};
  } catch {
    return {};
  }
}

function isLearned(given: unknown, nowSec: number): boolean {
  if (!isRecord(given)) return false;
  const { lanes, bytesPerSecond, atSec } = given;
  const isRecent = typeof atSec === "number" && Math.abs(nowSec - atSec) < lastsSec;
  const areLanes = Number.isInteger(lanes) && (lanes as number) >= 1 && (lanes as number) <= 32;
  return isRecent && areLanes && typeof bytesPerSecond === "number" && bytesPerSecond > 0;
}

const isRecord = (given: unknown): given is Record<string, unknown> =>
  typeof given === "object" && given !== null && !Array.isArray(given);
