import { randomBytes, createHash } from "node:crypto";
import { getEventListeners } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SfcCore } from "@img/core/core.js";
import { startServer, type Server, type ServerOptions } from "@img/local-server";
import { startProxy, type Proxy } from "../../../local-server/src/testing/tcp-proxy.js";
import type {
  DownloadResult,
  TransferEvent,
  TransferOptions,
  TransferProgress,
  UploadResult,
  VerifyResult,
} from "@img/transfer";
import { Agent, request } from "undici";
import { expect, onTestFinished, vi } from "vitest";
import { downloadImage, type DownloadImageOptions } from "../download.js";
import { uploadImage, type UploadImageOptions } from "../upload.js";
import { verifyImage, type VerifyImageOptions } from "../verify-image.js";
import { fastClock } from "./fast-clock.js";
import { census, leftOver, socketsTo } from "./left-over.js";
import { roomyFolder } from "./roomy-folder.js";
import { Secrets } from "./secrets.js";
import { partBytes, sha256Of } from "./seeded.js";

/** The threads of each transfer: `IMG_TEST_THREADS=2` runs all lanes in other threads. */
const threads = Number(process.env["IMG_TEST_THREADS"] ?? 1);

/**
 * A real server, whose object store is reached through a proxy that can misbehave, and folders for a
 * client's files. At the end of the test it checks that nothing was left behind and no secret was shown.
 */
export class World {
  readonly server: Server;
  /** Stands between the engine and the object store. */
  readonly proxy: Proxy;
  readonly client: SfcCore;
  /** The folder of the client's files. */
  readonly folder: string;
  readonly stateDir: string;
  /** The events of this test's transfers. */
  readonly told: TransferProgress[] = [];
  readonly #secrets: Secrets;
  readonly #problems: string[] = [];
  /** How many transfers run. */
  #running = 0;

  constructor(server: Server, proxy: Proxy, folder: string) {
    this.server = server;
    this.proxy = proxy;
    this.folder = folder;
    this.stateDir = join(folder, "state");
    this.client = new SfcCore({ serverURL: server.url, bearerAuth: server.token });
    this.#secrets = new Secrets(server.token);
  }

  get port(): number {
    return Number(new URL(this.server.url).port);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async file(name: string, bytes: Uint8Array): Promise<string> {
    await writeFile(this.path(name), bytes);
    return this.path(name);
  }

  /** Calls `uploadImage` with parts of 5 MiB, and checks everything that it reports. */
  upload(path: string | URL, options: UploadImageOptions = {}): Promise<UploadResult> {
    const { client, stateDir } = this;
    return this.watched(options, (watched) =>
      uploadImage(path, { client, stateDir, partBytes, threads, ...watched }),
    );
  }

  /** Calls `downloadImage` with parts of 5 MiB, and checks everything that it reports. */
  download(
    idOrName: string,
    path: string,
    options: DownloadImageOptions = {},
  ): Promise<DownloadResult> {
    const { client } = this;
    return this.watched(options, (watched) =>
      downloadImage(idOrName, path, { client, partBytes, threads, ...watched }),
    );
  }

  /** Calls `verifyImage` with parts of 5 MiB, and checks everything that it reports. */
  verify(path: string, idOrName: string, options: VerifyImageOptions = {}): Promise<VerifyResult> {
    const { client } = this;
    return this.watched(options, (watched) =>
      verifyImage(path, idOrName, { client, partBytes, ...watched }),
    );
  }

  /** Runs a transfer, and checks its progress, its journals, its end and what it leaves behind. */
  async watched<Options extends TransferOptions, Result>(
    options: Options,
    transfer: (options: Options) => Promise<Result>,
  ): Promise<Result> {
    const signal = options.signal ?? new AbortController().signal;
    const onProgress = (progress: TransferProgress): void => {
      this.told.push(progress);
      this.#lookAtJournals();
      options.onProgress?.(progress);
    };
    const onEvent = (event: TransferEvent): void => {
      this.#secrets.look(event.event, event);
      options.onEvent?.(event);
    };
    this.#running++;
    try {
      const result = await transfer({ ...options, signal, onProgress, onEvent });
      this.#secrets.look("result", result);
      return result;
    } catch (error) {
      this.#secrets.look("error", error);
      throw error;
    } finally {
      this.#running--;
      this.#lookAtJournals();
      await this.#lookForLeftOvers(signal);
    }
  }

  /** Puts an image on the server without the engine's help. @returns Its id. */
  async image(name: string, bytes: Uint8Array): Promise<string> {
    const { id } = (await this.api("POST", "", { name })) as { id: string };
    const { url } = (await this.api("POST", `/${id}/parts`, { part_id: 1 })) as { url: string };
    await this.#send("PUT", url, {}, bytes);
    await this.api("POST", `/${id}/complete`, { sha256: sha256Of(bytes) });
    return id;
  }

  /** SHA-256 of what the object store holds. Ends all faults first. */
  async storedSha256(id: string): Promise<string> {
    this.server.faults.clear();
    const { url } = (await this.api("GET", `/${id}/download`)) as { url: string };
    return sha256Of(await this.#send("GET", url, {}));
  }

  /** A call of the API without the engine and its client. */
  async api(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<unknown> {
    const headers = {
      authorization: `Bearer ${this.server.token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const url = `${this.server.url}/v2/images${path}`;
    const text = await this.#send(method, url, headers, JSON.stringify(body));
    return JSON.parse(text.toString()) as unknown;
  }

  /** Looks for secrets in other output, such as that of a child process. */
  look(where: string, value: unknown): void {
    this.#secrets.look(where, value);
  }

  /** Closes everything. @returns What was left behind, and where secrets were found. */
  async close(): Promise<readonly string[]> {
    await Promise.all([this.server.close(), this.proxy.close()]);
    return [...this.#problems, ...this.#secrets.found];
  }

  #lookAtJournals(): void {
    this.#secrets.lookInFilesOf(this.stateDir);
    this.#secrets.lookInFilesOf(this.folder, ".journal");
  }

  async #lookForLeftOvers(signal: AbortSignal): Promise<void> {
    const listeners = getEventListeners(signal, "abort").length;
    if (listeners > 0) this.#problems.push(`${listeners} listeners on the signal`);
    if (this.#running > 0) return;
    const sockets = await socketsTo(this.proxy.port);
    if (sockets > 0) this.#problems.push(`${sockets} sockets to the object store`);
  }

  /** Calls the server without the proxy. Rejects if the answer is an error. */
  async #send(
    method: "GET" | "POST" | "DELETE" | "PUT",
    url: string,
    headers: Readonly<Record<string, string>>,
    body?: string | Uint8Array,
  ): Promise<Buffer> {
    const direct = new URL(url);
    direct.host = `127.0.0.1:${this.port}`;
    const agent = new Agent({ connect: { rejectUnauthorized: false } });
    try {
      const { statusCode, body: answer } = await request(direct, {
        method,
        headers,
        body: body ?? null,
        dispatcher: agent,
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      if (statusCode > 299) throw new Error(`${method} was answered with ${statusCode}`);
      return bytes;
    } finally {
      await agent.close();
    }
  }
}

export interface WorldOptions extends Partial<ServerOptions> {
  /** How URLs of the object store name this machine. @default "127.0.0.1" */
  readonly storeHost?: string;
}

/** Opens a world for one test. It is closed and checked when the test ends. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const { storeHost = "127.0.0.1", ...serverOptions } = options;
  fastClock.reset();
  const before = census();
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.message);
  process.on("warning", onWarning);
  const folder = await mkdtemp(join(await roomyFolder(), "img-"));
  await mkdir(join(folder, "state"));
  const proxy = await startProxy();
  const server = await startServer({
    port: 0,
    dir: join(folder, "server"),
    token: `token-${randomBytes(12).toString("hex")}`,
    publicUrl: `${options.tls ? "https" : "http"}://${storeHost}:${proxy.port}`,
    drainMs: 200,
    ...serverOptions,
  });
  const world = new World(server, proxy, folder);
  proxy.forwardTo(world.port);
  onTestFinished(async () => {
    fastClock.reset();
    vi.restoreAllMocks();
    const problems = await world.close();
    const left = await leftOver(before);
    process.off("warning", onWarning);
    await rm(folder, { recursive: true, force: true });
    expect({ problems, left, warnings }).toEqual({ problems: [], left: [], warnings: [] });
  });
  return world;
}

/** SHA-256 of a file, streamed. */
export async function sha256OfFile(path: string): Promise<string> {
  const { createReadStream } = await import("node:fs");
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
