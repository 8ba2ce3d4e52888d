import type { IncomingHttpHeaders } from "node:http";
import { idOf } from "../images/image-ref.js";

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
  "revoke",
  "reinstate",
  "account",
  "part",
  "download",
] as const;

/** The Images API's two versions, which differ in their paths. */
export type ApiVersion = "v2" | "preview";

/** One request, read as far as its head. */
export interface Call {
  readonly operation: Operation;
  /** "v2" where it makes no difference: the object store, and the account. */
  readonly apiVersion: ApiVersion;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The image's id, checked; in preview it may be a name or a resource path, unchecked. "" where there is none. */
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
      readonly apiVersion: ApiVersion;
      readonly id: string;
      readonly partNumber: number;
    }
  | { readonly to: "health" | "metrics" }
  | { readonly to: "wrong-method"; readonly allowed: string }
  | { readonly to: "nothing" };

interface Pattern {
  readonly path: RegExp;
  readonly apiVersion: ApiVersion;
  readonly methods: Readonly<Record<string, Operation>>;
}

const ID = "(image_[0-9A-Za-z_-]{1,21})";

const objectPatterns: readonly Pattern[] = [
  {
    path: new RegExp(`^/objects/${ID}/parts/([1-9][0-9]{0,4})$`),
    apiVersion: "v2",
    methods: { PUT: "part" },
  },
  {
    path: new RegExp(`^/objects/${ID}$`),
    apiVersion: "v2",
    methods: { GET: "download", HEAD: "download" },
  },
];

/** Below `/v2/images` or `/preview/v2/images`. */
const imagePatterns = (apiVersion: ApiVersion): readonly Pattern[] => {
  const base = apiVersion === "v2" ? "/v2/images" : "/preview/v2/images";
  const at = (below: string, methods: Pattern["methods"]): Pattern => ({
    path: new RegExp(`^${base}${below}$`),
    apiVersion,
    methods,
  });
  return [
    at("", { GET: "list", POST: "create" }),
    at("/([^/]+)", { GET: "get", DELETE: "delete" }),
    at("/([^/]+)/parts", { POST: "partUrl" }),
    at("/([^/]+)/complete", { POST: "complete" }),
    at("/([^/]+)/download", { GET: "downloadUrl" }),
    ...(apiVersion === "preview"
      ? [at("/([^/]+)/revoke", { POST: "revoke" }), at("/([^/]+)/reinstate", { POST: "reinstate" })]
      : []),
  ];
};

const patterns: readonly Pattern[] = [
  ...imagePatterns("v2"),
  ...imagePatterns("preview"),
  { path: /^\/v1\/account\/me$/, apiVersion: "v2", methods: { GET: "account" } },
  ...objectPatterns,
];

export function routeOf(method: string, path: string): Route {
  if (path === "/healthz") return { to: "health" };
  if (path === "/metrics" && method === "GET") return { to: "metrics" };
  for (const { path: expected, apiVersion, methods } of patterns) {
    const match = expected.exec(path);
    if (match === null) continue;
    const id = decodedId(match[1] ?? "", apiVersion);
    if (id === undefined) return { to: "nothing" };
    const operation = methods[method];
    if (operation === undefined) {
      return { to: "wrong-method", allowed: Object.keys(methods).join(", ") };
    }
    return { to: "operation", operation, apiVersion, id, partNumber: Number(match[2] ?? 0) };
  }
  return { to: "nothing" };
}

/** @returns Undefined for what no image can be called. v2 knows ids only. */
function decodedId(text: string, apiVersion: ApiVersion): string | undefined {
  if (text === "") return text;
  try {
    const decoded = decodeURIComponent(text);
    return idOf(decoded) ?? (apiVersion === "preview" ? decoded : undefined);
  } catch {
    return undefined;
  }
}

/** Whether a path is the object store's, whose errors are XML. */
export const isObjectPath = (path: string): boolean => path.startsWith("/objects/");
