export type Operation =
  "list" | "start" | "get" | "delete" | "partUrl" | "complete" | "downloadUrl";

/** What a request asks of the fake service. */
export interface Asked {
  readonly operation: Operation;
  readonly version: "v2" | "preview";
  /** An image's id or resource path; empty where it is about none. */
  readonly image: string;
  /** What a list or an upload says; null in v2, and where it says none. */
  readonly workspace: string | null;
  /** How many images a page has at most. */
  readonly limit: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function readRequest(request: Request): Promise<Asked> {
  const text = await request.text();
  const { pathname, searchParams } = new URL(request.url);
  const [, preview, image = "", action = ""] = /^\/(preview\/)?v2\/images\/?([^/]*)\/?(.*)$/.exec(
    pathname,
  )!;
  const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
  const workspace = searchParams.get("workspace") ?? body["workspace"];
  return {
    operation: operationOf(request.method, image, action),
    version: preview === undefined ? "v2" : "preview",
    image: decodeURIComponent(image),
    workspace: typeof workspace === "string" ? workspace : null,
    limit: searchParams.get("limit"),
    body,
  };
}

function operationOf(method: string, id: string, action: string): Operation {
  if (id === "") return method === "POST" ? "start" : "list";
  if (action === "") return method === "DELETE" ? "delete" : "get";
  const actions: Record<string, Operation> = { parts: "partUrl", download: "downloadUrl" };
  return actions[action] ?? "complete";
}
