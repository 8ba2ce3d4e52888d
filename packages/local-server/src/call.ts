import type { IncomingHttpHeaders } from "node:http";

/** The Images API's operations, and the two of the object store behind it: `part` and `download`. */
export type Operation = (typeof operations)[number];

export const operations = [
  "list",
  "create",
  "get",
  "delete",
  "partUrl",
  "complete",
  "downloadUrl",
  "part",
  "download",
] as const;

/** One request, read as far as its head. */
export interface Call {
  readonly operation: Operation;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The image's id, checked against its pattern; "" where the call has none. */
  readonly id: string;
  /** The part's number in a part URL; 0 elsewhere. */
  readonly partNumber: number;
  /** Scheme, host and port under which the client reaches us: URLs that we hand out start so. */
  readonly origin: string;
  readonly body: AsyncIterable<Uint8Array>;
}

/** What a request's method and path stand for. */
export type Route =
  | {
      readonly to: "operation";
      readonly operation: Operation;
      readonly id: string;
      readonly partNumber: number;
    }
  | { readonly to: "health" | "metrics" }
  | { readonly to: "wrong-method"; readonly allowed: string }
  | { readonly to: "nothing" };

interface Pattern {
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, Operation>>;
}

const ID = "(image_[0-9A-Za-z_-]{1,21})";

const patterns: readonly Pattern[] = [
  { path: /^\/v2\/images$/, methods: { GET: "list", POST: "create" } },
  { path: new RegExp(`^/v2/images/${ID}$`), methods: { GET: "get", DELETE: "delete" } },
  { path: new RegExp(`^/v2/images/${ID}/parts$`), methods: { POST: "partUrl" } },
  { path: new RegExp(`^/v2/images/${ID}/complete$`), methods: { POST: "complete" } },
  { path: new RegExp(`^/v2/images/${ID}/download$`), methods: { GET: "downloadUrl" } },
  { path: new RegExp(`^/objects/${ID}/parts/([1-9][0-9]{0,4})$`), methods: { PUT: "part" } },
  { path: new RegExp(`^/objects/${ID}$`), methods: { GET: "download", HEAD: "download" } },
];

export function routeOf(method: string, path: string): Route {
  if (path === "/healthz") return { to: "health" };
  if (path === "/metrics" && method === "GET") return { to: "metrics" };
  for (const pattern of patterns) {
    const match = pattern.path.exec(path);
    if (match === null) continue;
    const operation = pattern.methods[method];
    if (operation === undefined) {
      return { to: "wrong-method", allowed: Object.keys(pattern.methods).join(", ") };
    }
    return { to: "operation", operation, id: match[1] ?? "", partNumber: Number(match[2] ?? 0) };
  }
  return { to: "nothing" };
}

/** Whether a path is the object store's, whose errors are XML. */
export const isObjectPath = (path: string): boolean => path.startsWith("/objects/");
