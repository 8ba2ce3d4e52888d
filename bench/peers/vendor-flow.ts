// A peer: the vendor's flow, rebuilt. It mints a URL, reads a whole part and sends it by `fetch`, one part
// after the other, and reads the file a second time for its digest. Usage: node vendor-flow.js BASE FILE
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";

const [base = "", file = ""] = process.argv.slice(2);
const partBytes = 64 * 1024 * 1024;

async function call(path: string, body: unknown): Promise<Record<string, string>> {
  const headers = { "content-type": "application/json", authorization: "Bearer x" };
  const answer = await fetch(base + path, { method: "POST", headers, body: JSON.stringify(body) });
  return (await answer.json()) as Record<string, string>;
}

const { id = "" } = await call("/v2/images", { name: "vendor" });
const handle = await open(file);
const { size } = await handle.stat();
for (let number = 1, offset = 0; offset < size; number++, offset += partBytes) {
  const { url = "" } = await call(`/v2/images/${id}/parts`, { part_id: number });
  const part = Buffer.alloc(Math.min(partBytes, size - offset));
  await handle.read(part, 0, part.length, offset);
  await (await fetch(url, { method: "PUT", body: part })).arrayBuffer();
}
await handle.close();
const hash = createHash("sha256");
for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
await call(`/v2/images/${id}/complete`, { sha256: hash.digest("hex") });
