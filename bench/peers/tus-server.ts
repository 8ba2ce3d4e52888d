// @tus/server over a store that throws everything away.  node tus-server.js CERT KEY: tells its port by
// IPC, and ends with its parent.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { DataStore, Server, type Upload } from "@tus/server";

class DiscardingStore extends DataStore {
  readonly #uploads = new Map<string, Upload>();

  constructor() {
    super();
    this.extensions = ["creation"];
  }

  override async create(upload: Upload): Promise<Upload> {
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  override async write(stream: Readable, id: string, offset: number): Promise<number> {
    let reached = offset;
    for await (const chunk of stream) reached += (chunk as Buffer).length;
    (await this.getUpload(id)).offset = reached;
    return reached;
  }

  override async getUpload(id: string): Promise<Upload> {
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw new Error(`no upload ${id}`);
    return upload;
  }
}

const [certificate = "", key = ""] = process.argv.slice(2);
// It does not know that TLS ends in front of it, and would redirect its clients to http.
const tus = new Server({
  path: "/files",
  datastore: new DiscardingStore(),
  relativeLocation: true,
});
const server = createServer(
  { cert: readFileSync(certificate), key: readFileSync(key), minVersion: "TLSv1.3" },
  (request, response) => void tus.handle(request, response),
);
server.requestTimeout = 0;
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());
