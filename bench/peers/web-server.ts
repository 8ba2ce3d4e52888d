// A web server with one file, which answers ranges, in a process of its own:  web-server.js FILE
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [file = ""] = process.argv.slice(2);
const { size } = statSync(file);

const server = createServer((request, answer) => {
  const [, from = "0", to = String(size - 1)] =
    /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  answer.writeHead(206, {
    "Content-Range": `bytes ${from}-${to}/${size}`,
    "Content-Length": String(Number(to) - Number(from) + 1),
    ETag: '"1"',
  });
  createReadStream(file, {
    start: Number(from),
    end: Number(to),
    highWaterMark: 1024 * 1024,
  }).pipe(answer);
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
