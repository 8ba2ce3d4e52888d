import type { HttpAnswer, HttpRequest } from "./http-connection.js";

/** The one image that can be downloaded. */
export interface ServedImage {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Its id; every other id is an unfinished upload. */
export const servedId = "image_bench";

/**
 * A stateless Images API, so that several processes can serve it: the id tells everything about an image, and
 * part URLs lead to the host that the request named.
 */
export function answerApi(
  request: HttpRequest,
  image: ServedImage,
  scheme: "http" | "https" = "https",
): HttpAnswer {
  const { pathname } = new URL(request.target, "https://sink");
  const [, , , id = "", action = ""] = pathname.split("/");
  const started = request.method === "POST" && id === "";
  return {
    status: started ? 201 : 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(answerTo(request, `${scheme}://${request.host}`, id, action, image)),
  };
}

function answerTo(
  request: HttpRequest,
  origin: string,
  id: string,
  action: string,
  image: ServedImage,
): unknown {
  const expires_at = nowSec() + 3600;
  switch (action) {
    case "parts":
      return { url: `${origin}/part/${String(sent(request)["part_id"])}`, expires_at };
    case "download":
      return { url: `${origin}/blob`, expires_at, sha256: image.sha256, size: image.sizeBytes };
    case "complete":
      return told(id, "completed", String(sent(request)["sha256"]));
  }
  if (id === servedId) return told(id, "completed", image.sha256);
  if (request.method === "GET" && id === "") return { object: "list", has_more: false, data: [] };
  return told(id === "" ? "image_upload" : id, "started", null);
}

function told(id: string, upload_status: string, sha256: string | null): object {
  return { object: "image", id, name: "bench", upload_status, created_at: nowSec(), sha256 };
}

function sent(request: HttpRequest): Record<string, unknown> {
  return JSON.parse(request.body) as Record<string, unknown>;
}

const nowSec = (): number => Math.floor(Date.now() / 1000);
