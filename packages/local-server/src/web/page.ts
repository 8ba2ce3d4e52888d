import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import type { IncomingHttpHeaders } from "node:http";
import { ApiError, secretJson } from "../http/answer.js";
import type { Answer } from "../http/answer.js";
import type { SignInCodes } from "./sign-in-codes.js";

/**
 * Returns the folder of the built page. It is found by this package's name, so that it is also found if this
 * code was bundled into another package. "" if no package of that name is installed.
 */
function builtPage(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("@img/local-server")), "page/");
  } catch {
    return "";
  }
}

/** The page for people, served at `/`. */
export interface Page {
  /** Returns an answer; null if the page has nothing at this path, or was not built. */
  answer(method: string, path: string, headers: IncomingHttpHeaders): Promise<Answer | null>;
}

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Returns the Content-Security-Policy: nothing from elsewhere, nothing inline, nothing framed;
 * `wasm-unsafe-eval` is for the digest.
 *
 * @param connect The origins, other than the server's own, to which parts are sent.
 */
const policy = (connect: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "style-src 'self'",
    // The tab's icon shows how far an upload is; the page draws it.
    "img-src 'self' data:",
    // The unpacker of zstd blocks loads its wasm from a data: URL. A file at a URL that the user gives is
    // fetched by the page, never by the server, which can reach hosts that the user cannot.
    ["connect-src 'self' data: https: http:", ...connect].join(" "),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

/**
 * Serves the page for people.
 *
 * @param codes The codes that `POST /sign-in` exchanges for the token.
 * @param files The page's files by their paths; null for those in this package, which are read at the first
 * request.
 */
export function servePage(
  connect: readonly string[] = [],
  files: ReadonlyMap<string, Buffer> | null = null,
  codes: SignInCodes | null = null,
): Page {
  let reading = files && Promise.resolve(files);
  return {
    async answer(method, path, headers) {
      if (method === "POST" && path === "/sign-in") return signInAnswer(codes, headers);
      if (method !== "GET" && method !== "HEAD") return null;
      reading ??= readFiles(builtPage());
      const name = path === "/" ? "/index.html" : path;
      const found = (await reading).get(name);
      return found === undefined ? null : fileAnswer(name, found, method, connect);
    },
  };
}

/**
 * Answers a sign-in. The code is in a header, like a token, since bodies and addresses may be logged somewhere.
 */
function signInAnswer(
  codes: SignInCodes | null,
  { authorization = "" }: IncomingHttpHeaders,
): Answer {
  const [, code = ""] = /^Code ([\w-]{1,64})$/.exec(authorization) ?? [];
  const token = codes?.exchange(code) ?? null;
  if (token === null) throw new ApiError(401, "The code is not valid: it was used, or is too old.");
  return secretJson({ token });
}

function fileAnswer(
  name: string,
  bytes: Buffer,
  method: string,
  connect: readonly string[],
): Answer {
  // Their names change with their contents.
  const isHashed = name.startsWith("/assets/");
  return {
    status: 200,
    headers: {
      "Content-Type": types[extname(name)] ?? "application/octet-stream",
      "Content-Length": String(bytes.length),
      "Cache-Control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
      "Content-Security-Policy": policy(connect),
      "Cross-Origin-Opener-Policy": "same-origin",
      "Referrer-Policy": "no-referrer",
    },
    body: method === "HEAD" ? "" : bytes,
  };
}

/** Reads the files, by their paths, which begin with `/`; none if the page was not built. */
async function readFiles(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return [`/${path.slice(folder.length).replaceAll("\\", "/")}`, await readFile(path)] as const;
    });
  return new Map(await Promise.all(files));
}
