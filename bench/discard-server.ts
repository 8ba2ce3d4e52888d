// A server that costs next to nothing: it answers the Images API, discards the parts that it is sent and
// serves one file.  node discard-server.js FILE SHA256 CERT KEY  prints its URL; it ends with its stdin.
import { createReadStream, readFileSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

const [file = "", sha256 = "", certFile = "", keyFile = ""] = process.argv.slice(2);
const size = statSync(file).size;
let complete = true;
let partBytes = 0;

const server = createServer(
  { cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: "TLSv1.3" },
  (request, response) => {
    const path = new URL(request.url ?? "/", origin()).pathname;
    if (path.startsWith("/v2/images")) void answerApi(request, response, path);
    else if (request.method === "PUT") discard(request, response);
    else serve(request, response);
  },
);
server.requestTimeout = 0;
server.listen(0, "127.0.0.1", () => console.log(origin()));
process.stdin.resume().on("end", () => process.exit());

function origin(): string {
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answerApi(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const body = await request.toArray();
  const sent =
    body.length > 0
      ? (JSON.parse(Buffer.concat(body as Buffer[]).toString()) as Record<string, unknown>)
      : {};
  response.setHeader("content-type", "application/json");
  if (request.method === "POST" && path === "/v2/images") {
    complete = false;
    response.statusCode = 201;
  }
  if (path.endsWith("/complete")) complete = true;
  response.end(JSON.stringify(answerTo(request.method ?? "", path, sent)));
}

function answerTo(method: string, path: string, sent: Record<string, unknown>): unknown {
  const expires_at = Math.floor(Date.now() / 1000) + 3600;
  if (path.endsWith("/parts"))
    return { url: `${origin()}/part/${String(sent["part_id"])}`, expires_at };
  if (path.endsWith("/download")) return { url: `${origin()}/blob`, expires_at, sha256, size };
  if (method === "GET" && path === "/v2/images")
    return { object: "list", has_more: false, data: [] };
  const upload_status = complete ? "completed" : "started";
  const digest = typeof sent["sha256"] === "string" ? sent["sha256"] : complete ? sha256 : null;
  return {
    object: "image",
    id: "image_bench",
    name: "bench",
    upload_status,
    created_at: expires_at - 3600,
    sha256: digest,
  };
}

function discard(request: IncomingMessage, response: ServerResponse): void {
  request.on("data", (chunk: Buffer) => (partBytes += chunk.length));
  request.on("end", () => response.setHeader("etag", '"bench-part"').end());
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === "/part-bytes") {
    response.end(String(partBytes));
    return;
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(Number(range?.[2] || size - 1), size - 1);
  response.setHeader("etag", '"bench"').setHeader("content-length", end - start + 1);
  if (range !== null) response.writeHead(206, { "content-range": `bytes ${start}-${end}/${size}` });
  createReadStream(file, { start, end, highWaterMark: 1024 * 1024 }).pipe(response);
}
