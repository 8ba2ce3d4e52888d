import { resolve } from "node:path";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { lockClock, realFileSystem, type FileSystem, type LockClock } from "@img/files";
import { resolveAccounts } from "./api/accounts.js";
import type { Account } from "./api/accounts.js";
import { httpUrl } from "./http-url.js";
import { InvalidOptionError } from "./invalid-option.js";
import { inUrl } from "./http/listener.js";
import { affordableConnections } from "./http/open-files.js";
import { resolveS3 } from "./s3/options.js";
import type { S3Options } from "./s3/options.js";
import type { S3Location } from "./s3/location.js";

/** Of `startServer`. All but `dir` has a default. */
export interface ServerOptions {
  /** The folder that keeps everything; made if it is not there. One server at a time. This or `s3`. */
  readonly dir?: string | undefined;
  /** A bucket of an S3-compatible store keeps everything instead, for any number of servers at once. */
  readonly s3?: S3Options | undefined;
  /** The address to listen on. Others than loopback need `allowHosts` or `publicUrl`. @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** 0 to 65535; 0 takes a free one. @default 8080 */
  readonly port?: number | undefined;
  /** The token of the account "default". @default a random one, see `Server.token` */
  readonly token?: string | undefined;
  /** Of the account "default": see `Account.workspaces`. @default none */
  readonly workspaces?: readonly string[] | undefined;
  /** Several accounts, instead of `token` and `workspaces`; at least one. */
  readonly accounts?: readonly Account[] | undefined;
  /**
   * Reads all parts at `complete` and refuses a wrong SHA-256 with 400; the image stays open.
   * The real service doesn't. @default false
   */
  readonly checkDigest?: boolean | undefined;
  /** For how many seconds a presigned URL may be used, 1 to 604800 (7 days). @default 3600 */
  readonly urlTtlSec?: number | undefined;
  /** PEM texts; with them the server speaks HTTPS only. */
  readonly tls?:
    | {
        /** The certificate, with those that lead to its root. */
        readonly cert: string;
        /** Its private key. */
        readonly key: string;
      }
    | undefined;
  /** Where clients reach the server through a proxy, which takes off the path, if any. Its host is allowed. */
  readonly publicUrl?: string | undefined;
  /** Further names by which clients may call the server, without port. @default [] */
  readonly allowHosts?: readonly string[] | undefined;
  /** Origins of pages elsewhere that may use the server, such as `https://images.example.com`. @default [] */
  readonly allowOrigins?: readonly string[] | undefined;
  /** Whether a page for people is served at `/`. @default true where `host` is loopback */
  readonly page?: boolean | undefined;
  /**
   * The page's files by their paths, such as `/index.html`, for a program in which this package was
   * bundled. @default those that this package was built with
   */
  readonly pageFiles?: ReadonlyMap<string, Buffer> | undefined;
  /** What all parts together may take; beyond it, 507. @default no limit but the disk's */
  readonly maxStoreBytes?: number | undefined;
  /** What the parts of one account may take; beyond it, 507. @default no limit but the store's */
  readonly maxAccountBytes?: number | undefined;
  /**
   * How many connections there may be at once: more are closed as they come.
   * @default what the limit of open files allows, at two for each
   */
  readonly maxConnections?: number | undefined;
  /** After how many days without a part an unfinished image is removed. @default 7 */
  readonly unfinishedTtlDays?: number | undefined;
  /** For how many days lists with `include_deleted` show a deleted image, before its record is removed. @default 7 */
  readonly deletedTtlDays?: number | undefined;
  /** After how long without a byte, while the client is waited for, a connection is closed; 100 or more. @default 60000 */
  readonly idleMs?: number | undefined;
  /** How long `close()` waits for calls running, before it cuts them; 0 or more. @default 10000 */
  readonly drainMs?: number | undefined;
  /** Takes one JSON line (without its end) per request. No query string and no token is in it. @default no log */
  readonly log?: ((line: string) => void) | undefined;
  /**
   * Takes one JSON line for each failure of the server itself: a 500, an answer that was cut, a sweep that could not
   * remove something; and for a store that deletes nothing for good. @default standard error
   */
  readonly warn?: ((line: string) => void) | undefined;
  /** Takes the folder from a server that may be running, but cannot be seen and does not renew its lock. @default false */
  readonly force?: boolean | undefined;
  /** Ends the start, which may have to watch for 90 seconds whether the folder's last server lives. */
  readonly signal?: AbortSignal | undefined;
  /** The time in Unix milliseconds, for tests. @default Date.now */
  readonly clock?: (() => number) | undefined;
  /** The time that the folder's lock goes by, for tests. @default the machine's */
  readonly lockClock?: LockClock | undefined;
  /** The disk, for tests of crashes. @default the real one */
  readonly fileSystem?: FileSystem | undefined;
}

/** Where everything is kept. */
export type KeptIn =
  { readonly in: "folder"; readonly dir: string } | ({ readonly in: "bucket" } & S3Location);

export interface ResolvedOptions {
  readonly keptIn: KeptIn;
  readonly host: string;
  readonly port: number;
  readonly accounts: readonly [Account, ...Account[]];
  readonly checkDigest: boolean;
  readonly urlTtlSec: number;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly publicUrl: string | undefined;
  /** Lower case, as in a `Host` header without its port. */
  readonly hosts: ReadonlySet<string>;
  readonly allowOrigins: ReadonlySet<string>;
  readonly page: boolean;
  readonly pageFiles: ReadonlyMap<string, Buffer> | null;
  readonly maxStoreBytes: number;
  readonly maxAccountBytes: number;
  readonly maxConnections: number;
  readonly unfinishedTtlDays: number;
  readonly deletedTtlDays: number;
  readonly idleMs: number;
  readonly drainMs: number;
  readonly log: ((line: string) => void) | undefined;
  readonly warn: (line: string) => void;
  readonly clock: () => number;
  readonly force: boolean;
  readonly signal: AbortSignal | undefined;
  readonly lockClock: LockClock;
  readonly fileSystem: FileSystem;
}

/** @throws {InvalidOptionError} An option is out of its range. */
export function resolveOptions(given: ServerOptions): ResolvedOptions {
  const publicUrl =
    given.publicUrl === undefined ? undefined : httpUrl("publicUrl", given.publicUrl);
  return {
    keptIn: resolveKeptIn(given),
    host: resolveHost(given.host ?? "127.0.0.1"),
    port: wholeNumber("port", given.port ?? 8080, 0, 65_535),
    accounts: resolveAccounts(given),
    checkDigest: given.checkDigest ?? false,
    // An hour is the longest that the real service is known to give.
    urlTtlSec: wholeNumber("urlTtlSec", given.urlTtlSec ?? 3600, 1, 604_800),
    tls: resolveTls(given.tls),
    publicUrl: publicUrl && publicUrl.href.replace(/\/+$/, ""),
    hosts: resolveHosts(given, publicUrl),
    allowOrigins: resolveOrigins(given.allowOrigins),
    page: given.page ?? /^(127\.|::1$|localhost$)/.test(given.host ?? "127.0.0.1"),
    pageFiles: given.pageFiles ?? null,
    maxStoreBytes: atLeast("maxStoreBytes", given.maxStoreBytes ?? Infinity, 0),
    maxAccountBytes: atLeast("maxAccountBytes", given.maxAccountBytes ?? Infinity, 0),
    maxConnections: atLeast("maxConnections", given.maxConnections ?? affordableConnections(), 1),
    unfinishedTtlDays: atLeast("unfinishedTtlDays", given.unfinishedTtlDays ?? 7, 0),
    deletedTtlDays: atLeast("deletedTtlDays", given.deletedTtlDays ?? 7, 0),
    // Twice the engine's own stall rule, so that it is the client who notices first.
    idleMs: wholeNumber("idleMs", given.idleMs ?? 60_000, 100, 86_400_000),
    drainMs: wholeNumber("drainMs", given.drainMs ?? 10_000, 0, 86_400_000),
    log: given.log,
    warn: given.warn ?? ((line) => void process.stderr.write(`${line}\n`)),
    force: given.force ?? false,
    signal: given.signal,
    lockClock: given.lockClock ?? lockClock,
    clock: given.clock ?? Date.now,
    fileSystem: given.fileSystem ?? realFileSystem,
  };
}

function resolveKeptIn(given: ServerOptions): KeptIn {
  const { dir, s3 } = given;
  if ((dir === undefined) === (s3 === undefined)) {
    throw new InvalidOptionError("dir", "given, or s3 instead");
  }
  if (s3 === undefined) {
    if (dir) return { in: "folder", dir: resolve(dir) };
    throw new InvalidOptionError("dir", "a folder's path");
  }
  // The server sees no byte of an image that is in a bucket.
  if (given.checkDigest === true) throw new InvalidOptionError("checkDigest", "absent with s3");
  for (const option of ["maxStoreBytes", "maxAccountBytes"] as const) {
    if (given[option] !== undefined) throw new InvalidOptionError(option, "absent with s3");
  }
  return { in: "bucket", ...resolveS3(s3) };
}

/** Node takes an empty one for every address of the machine. */
function resolveHost(host: string): string {
  if (/^[^\s/[\]]+$/.test(host)) return host;
  throw new InvalidOptionError("host", "an address or a name, such as 127.0.0.1");
}

function wholeNumber(option: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new InvalidOptionError(option, `a whole number from ${min} to ${max}`);
}

function atLeast(option: string, value: number, min: number): number {
  if (value >= min) return value;
  throw new InvalidOptionError(option, `a number from ${min} on`);
}

function resolveTls(tls: ServerOptions["tls"]): ResolvedOptions["tls"] {
  if (tls === undefined || belongTogether(tls)) return tls;
  throw new InvalidOptionError(
    "tls",
    "a certificate and the key that belongs to it, as PEM without a passphrase",
  );
}

/** What an error of these would say could quote the key. */
function belongTogether({ cert, key }: { readonly cert: string; readonly key: string }): boolean {
  try {
    createSecureContext({ cert, key }); // passes over an empty text
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** @throws {InvalidOptionError} One could not be in a `Host` header without its port. */
function resolveHosts(given: ServerOptions, publicUrl: URL | undefined): ReadonlySet<string> {
  const own = ["127.0.0.1", "localhost", "[::1]", inUrl(given.host ?? "localhost")];
  for (const host of given.allowHosts ?? []) {
    if (/^([^\s/:[\]]+|\[[\da-f:.]+\])$/i.test(host)) continue;
    throw new InvalidOptionError(
      "allowHosts",
      "names without scheme and port, such as images.example.com",
    );
  }
  const hosts = [...own, ...(given.allowHosts ?? []), ...(publicUrl ? [publicUrl.hostname] : [])];
  return new Set(hosts.map((host) => host.toLowerCase()));
}

/** @throws {InvalidOptionError} One is not an origin as browsers say it. */
function resolveOrigins(given: readonly string[] | undefined): ReadonlySet<string> {
  for (const text of given ?? []) {
    if (URL.canParse(text) && new URL(text).origin === text) continue;
    throw new InvalidOptionError("allowOrigins", "origins, such as https://images.example.com");
  }
  return new Set(given);
}
