import { idOf } from "../images/image-ref.js";
import type { ApiVersion, Operation } from "./call.js";

/** The call that a method and a path mean, and the format of its errors. */
export type Route = Target & { readonly errors: ErrorForm };

/** The API's JSON, or the object store's XML. */
export type ErrorForm = "json" | "xml";

type Target =
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

/** The patterns below `/v2/images` or `/preview/v2/images`. */
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
  const errors = path.startsWith("/objects/") ? "xml" : "json";
  return { ...targetOf(method, path), errors };
}

function targetOf(method: string, path: string): Target {
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

/** Decodes an id. @returns Undefined if no image can have it. v2 has only ids, no names. */
function decodedId(text: string, apiVersion: ApiVersion): string | undefined {
  if (text === "") return text;
  try {
    const decoded = decodeURIComponent(text);
    return idOf(decoded) ?? (apiVersion === "preview" ? decoded : undefined);
  } catch {
    return undefined;
  }
}
