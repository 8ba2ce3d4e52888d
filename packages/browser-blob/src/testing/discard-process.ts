// The Images API for a single upload, whose parts are read and thrown away. Started by discard-server.ts, as
// a process of its own: in the tests' process the collector would look through all of their memory for it.
import { createServer, type AddressInfo } from "node:net";
import { HttpConnection, type HttpHandler } from "../../../../bench/sink/http-connection.js";
import { answerApi } from "../../../../bench/sink/images-api.js";

const allow = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "authorization, content-type",
  "Access-Control-Allow-Methods": "GET, POST, PUT",
  "Access-Control-Expose-Headers": "ETag, Date",
  "Access-Control-Max-Age": "7200",
};

const handler: HttpHandler = {
  requestBegan: () => undefined,
  bodyMoved: () => undefined,
  answer: (request) => {
    if (request.method === "OPTIONS") return { status: 204, headers: allow };
    if (request.method === "PUT")
      return { status: 200, headers: { ...allow, ETag: '"discarded"' } };
    const { headers, ...answer } = answerApi(request, { sizeBytes: 0, sha256: "" }, "http");
    return { ...answer, headers: { ...headers, ...allow } };
  },
};

const server = createServer((socket) => new HttpConnection(socket.setNoDelay(true), handler));
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.resume().once("end", () => process.exit());
