import { createCipheriv, createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import type { WireDownload, WireError, WireImage, WireImageList } from "@img/core/wire";
import { startServer } from "../server.js";
import type { Server } from "../server.js";
import type { ServerOptions } from "../options.js";
import { bucketOptions, testEndpoint } from "./test-bucket.js";

export const MiB: number = 1024 * 1024;

/** All fields that an answer of the API may have. A test knows which one it expects. */
export type Fields = Omit<WireImage, "object" | "sha256"> &
  Omit<WireImageList, "object"> &
  WireDownload &
  WireError & { readonly object: string; readonly deleted: boolean };

/** An answer: its head, and its complete body. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON. Throws if it is not. */
  readonly json: Fields;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array | undefined;
  readonly ca?: string;
}

/** Sends one request on its own connection; rejects if the answer is cut. */
export function request(url: string, sent: Sent = {}): Promise<Reply> {
  const { method = "GET", headers = {}, body, ca } = sent;
  return new Promise((resolve, reject) => {
    const secure = url.startsWith("https:");
    const options = { method, headers, ...(ca !== undefined && { ca }) };
    const agent = secure ? undefined : new Agent({ keepAlive: false });
    const going = (secure ? httpsRequest : httpRequest)(url, { ...options, agent }, (answer) => {
      const slices: Buffer[] = [];
      answer.on("data", (slice: Buffer) => slices.push(slice));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve(reply(answer.statusCode ?? 0, answer.headers, Buffer.concat(slices))),
      );
    });
    going.on("error", reject);
    going.end(body);
  });
}

function reply(status: number, headers: IncomingHttpHeaders, body: Buffer): Reply {
  return {
    status,
    headers,
    body,
    get json() {
      return JSON.parse(body.toString()) as Fields;
    },
  };
}

/** Returns the same bytes for the same seed. They cannot be compressed, and do not occur by accident. */
export function bytesFrom(seed: string, length: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

export const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");
export const sha256 = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/** Makes a folder that is deleted after the test. */
export async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "local-server-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/**
 * Starts a real server on a free port, closed after the test: on a folder, or the bucket of `npm run test:s3`.
 */
export async function serve(options: Partial<ServerOptions> = {}): Promise<Client> {
  const inBucket = testEndpoint !== undefined && options.dir === undefined;
  const dir = inBucket ? undefined : (options.dir ?? (await temporaryFolder()));
  const client = await open(options, dir);
  onTestFinished(() => client.server.close());
  return client;
}

/** Does the same as `serve`, once for all tests of the file or `describe` that calls it. */
export function serveAll(options: Partial<ServerOptions> = {}): () => Client {
  let dir: string | undefined;
  let client: Client;
  beforeAll(async () => {
    if (testEndpoint === undefined) dir = await mkdtemp(join(tmpdir(), "local-server-"));
    client = await open(options, dir);
  });
  afterAll(async () => {
    await client.server.close();
    if (dir !== undefined) await rm(dir, { recursive: true, force: true });
  });
  return () => client;
}

async function open(options: Partial<ServerOptions>, dir: string | undefined): Promise<Client> {
  const kept = dir === undefined ? { s3: options.s3 ?? bucketOptions() } : { dir };
  const server = await startServer({ port: 0, drainMs: 2000, ...options, ...kept });
  return new Client(server.url, server.token, server, dir);
}

/** Calls a server according to its contract, and nothing more. */
export class Client {
  readonly url: string;
  readonly token: string;
  readonly #server: Server | undefined;
  readonly dir: string;
  /** The workspace to create in, by preview of the API; undefined for v2. */
  readonly workspace: string | undefined;

  constructor(url: string, token: string, server?: Server, dir = "", workspace?: string) {
    this.url = url;
    this.token = token;
    this.#server = server;
    this.dir = dir;
    this.workspace = workspace;
  }

  get server(): Server {
    if (this.#server === undefined) throw new Error("The server is another process's");
    return this.#server;
  }

  as(token: string): Client {
    return new Client(this.url, token, this.#server, this.dir, this.workspace);
  }

  /** Returns the same client for preview of the API. */
  inPreview(workspace: string): Client {
    return new Client(this.url, this.token, this.#server, this.dir, workspace);
  }

  call(method: string, path: string, body?: unknown, headers = {}): Promise<Reply> {
    const type = body === undefined ? {} : { "Content-Type": "application/json" };
    const version = this.workspace === undefined ? "" : "/preview";
    return request(`${this.url}${version}/v2/images${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, ...type, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  async create(name: string): Promise<string> {
    return (await this.call("POST", "", { name, workspace: this.workspace })).json.id;
  }

  async status(id: string): Promise<string> {
    return (await this.call("GET", `/${id}`)).json.upload_status;
  }

  async partUrl(id: string, partId: number): Promise<string> {
    return (await this.call("POST", `/${id}/parts`, { part_id: partId })).json.url;
  }

  async put(id: string, partId: number, body: Uint8Array, headers = {}): Promise<Reply> {
    return request(await this.partUrl(id, partId), { method: "PUT", body, headers });
  }

  complete(id: string, digest: string): Promise<Reply> {
    return this.call("POST", `/${id}/complete`, { sha256: digest });
  }

  /** Uploads a completed image of these parts. */
  async upload(name: string, parts: readonly Uint8Array[]): Promise<string> {
    const id = await this.create(name);
    for (const [index, part] of parts.entries()) await this.put(id, index + 1, part);
    const { status } = await this.complete(id, sha256(Buffer.concat(parts)));
    if (status !== 200) throw new Error(`complete answered ${status}`);
    return id;
  }

  async downloadUrl(id: string): Promise<string> {
    return (await this.call("GET", `/${id}/download`)).json.url;
  }

  async download(id: string, headers = {}): Promise<Reply> {
    return request(await this.downloadUrl(id), { headers });
  }
}

const types: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
};

/** Expects an error of the API. */
export function expectError(reply: Reply, status: number): void {
  expect(reply.status).toBe(status);
  expect(reply.headers["content-type"]).toBe("application/json; charset=utf-8");
  expect(reply.json.error.type).toBe(types[status]);
  expect(reply.json.error.message).toMatch(/\.$/);
  expect(Array.isArray(reply.json.error.details)).toBe(status === 400 || status === 409);
}

/** Expects an error of the object store, in the form of S3. */
export function expectXml(reply: Reply, status: number, code: string): void {
  expect(reply.status).toBe(status);
  expect(reply.headers["content-type"]).toBe("application/xml");
  expect(reply.headers.date).toBeDefined();
  expect(reply.body.toString()).toMatch(
    new RegExp(`^<\\?xml.*>\n<Error><Code>${code}</Code><Message>.+</Message></Error>$`),
  );
}
