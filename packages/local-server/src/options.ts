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

/** The options of `startServer`. One of `dir` and `s3` is required; all others have defaults. */
export interface ServerOptions {
  /** The folder that keeps everything; created if missing. It has one server at a time. Either this or `s3`. */
  readonly dir?: string | undefined;
  /** A bucket of an S3-compatible store that keeps everything, for any number of servers. This or `dir`. */
  readonly s3?: S3Options | undefined;
  /** The address to listen on. Beyond loopback it needs `allowHosts` or `publicUrl`. @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** The port, 0 to 65535; 0 takes a free one. @default 8080 */
  readonly port?: number | undefined;
  /** The token of the account "default". @default a random one, see `Server.token` */
  readonly token?: string | undefined;
  /** The workspaces of the account "default": see `Account.workspaces`. @default none */
  readonly workspaces?: readonly string[] | undefined;
  /** Several accounts, instead of `token` and `workspaces`; at least one. */
  readonly accounts?: readonly Account[] | undefined;
  /**
   * Whether all parts are read at `complete` and a wrong SHA-256 is refused with 400; the image then stays
   * open. The real service does not check.
   *
   * @default false
   */
  readonly checkDigest?: boolean | undefined;
  /** How long a presigned URL is valid, in seconds: 1 to 604800 (7 days). @default 3600 */
  readonly urlTtlSec?: number | undefined;
  /** The certificate and its key, as PEM texts. With them the server speaks HTTPS only. */
  readonly tls?:
    | {
        /** The certificate, followed by those that lead to its root. */
        readonly cert: string;
        /** Its private key. */
        readonly key: string;
      }
    | undefined;
  /** The URL by which clients reach the server through a proxy. The proxy removes its path, if any. */
  readonly publicUrl?: string | undefined;
  /** More host names by which clients may call the server, without port. @default [] */
  readonly allowHosts?: readonly string[] | undefined;
  /** The origins of other web pages that may use the server, such as `https://images.example.com`. @default [] */
  readonly allowOrigins?: readonly string[] | undefined;
  /** Whether a page for people is served at `/`. @default true if `host` is loopback */
  readonly page?: boolean | undefined;
  /**
   * The page's files by their paths, such as `/index.html`, for a program in which this package was
   * bundled. @default those that this package was built with
   */
  readonly pageFiles?: ReadonlyMap<string, Buffer> | undefined;
  /** The maximum size of all parts; beyond it, a part is refused with 507. @default no limit but the disk's */
  readonly maxStoreBytes?: number | undefined;
  /** The same for the parts of each account. @default no limit but the store's */
  readonly maxAccountBytes?: number | undefined;
  /** The maximum number of connections; more are closed at once. @default half of the limit of open files */
  readonly maxConnections?: number | undefined;
  /** The number of days without a part after which an unfinished image is removed. @default 7 */
  readonly unfinishedTtlDays?: number | undefined;
  /** How many days lists with `include_deleted` show a deleted image. @default 7 */
  readonly deletedTtlDays?: number | undefined;
  /** How long a client may send or receive no byte, in ms, 100 or more. @default 60000 */
  readonly idleMs?: number | undefined;
  /** How long `close()` waits for running calls before it cuts them, in ms; 0 or more. @default 10000 */
  readonly drainMs?: number | undefined;
  /** Gets a JSON line per request, without query strings and tokens. @default no log */
  readonly log?: ((line: string) => void) | undefined;
  /**
   * Gets one JSON line for each failure of the server itself: a 500, an answer that was cut, a sweep that could
   * not remove something; and for a store that keeps what is deleted.
   *
   * @default standard error
   */
  readonly warn?: ((line: string) => void) | undefined;
  /** Takes the folder from a server that cannot be seen and may be running. @default false */
  readonly force?: boolean | undefined;
  /** Ends the start, which may watch for 90 seconds whether the folder's last server is alive. */
  readonly signal?: AbortSignal | undefined;
  /** The time in Unix milliseconds, for tests. @default Date.now */
  readonly clock?: (() => number) | undefined;
  /** The time of the folder's lock, for tests. @default the machine's */
  readonly lockClock?: LockClock | undefined;
  /** The disk, for tests of crashes. @default the real one */
  readonly fileSystem?: FileSystem | undefined;
}

/** Where the images are kept. */
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
  /** In lower case, as in a `Host` header without its port. */
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

/** Checks the options and fills in all defaults. @throws {InvalidOptionError} An option is invalid. */
export function resolveOptions(given: ServerOptions): ResolvedOptions {
  const publicUrl =
    given.publicUrl === undefined ? undefined : httpUrl("publicUrl", given.publicUrl);
  return {
    keptIn: resolveKeptIn(given),
    host: resolveHost(given.host ?? "127.0.0.1"),
    port: wholeNumber("port", given.port ?? 8080, 0, 65_535),
    accounts: resolveAccounts(given),
    checkDigest: given.checkDigest ?? false,
    // An hour is the longest that the real service is known to use.
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
    // Twice the engine's own stall rule, so that the client notices first.
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
  // The server sees no bytes of images in a bucket.
  if (given.checkDigest === true) throw new InvalidOptionError("checkDigest", "absent with s3");
  for (const option of ["maxStoreBytes", "maxAccountBytes"] as const) {
    if (given[option] !== undefined) throw new InvalidOptionError(option, "absent with s3");
  }
  return { in: "bucket", ...resolveS3(s3) };
}

/** Checks the address. Node takes an empty one for all addresses of the machine. */
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

/** Whether a certificate and a key belong together. The errors are dropped, since they could quote the key. */
function belongTogether({ cert, key }: { readonly cert: string; readonly key: string }): boolean {
  try {
    createSecureContext({ cert, key }); // it ignores an empty text
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/**
 * Returns the allowed host names.
 *
 * @throws {InvalidOptionError} One could not be in a `Host` header without its port.
 */
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

/** Checks the origins. @throws {InvalidOptionError} One is not an origin as browsers write it. */
function resolveOrigins(given: readonly string[] | undefined): ReadonlySet<string> {
  for (const text of given ?? []) {
    if (URL.canParse(text) && new URL(text).origin === text) continue;
    throw new InvalidOptionError("allowOrigins", "origins, such as https://images.example.com");
  }
  return new Set(given);
}
