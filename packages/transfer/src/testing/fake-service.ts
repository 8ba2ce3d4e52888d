import { createHash } from "node:crypto";
import type { WireImage } from "@img/core/wire";
import type { Clock, GetAnswer, GetRequest, PutAnswer, PutRequest } from "../ports.js";
import { readRequest, type Asked, type Operation } from "./fake-routes.js";
import { answerRange, refusedPut, sendAll } from "./fake-store.js";

export const server = "https://api.test";

export interface StoredImage {
  readonly wire: Omit<WireImage, "upload_status"> & { upload_status: string };
  /** Null for what `v2` sees. */
  readonly workspace: string | null;
  readonly parts: Map<number, Uint8Array>;
  bytes: Uint8Array;
}

/** Stands between a call of the API and its answer; `answer` makes the call take effect. */
export type ApiFault = (answer: () => Response) => Response | Promise<Response>;
/** Stands between a PUT and its answer; `answer` takes the bytes in. */
export type PutFault = (
  request: PutRequest,
  answer: (sent?: PutRequest) => Promise<PutAnswer>,
  part: number,
) => Promise<PutAnswer>;
/** Stands between a GET and its answer. */
export type GetFault = (
  request: GetRequest,
  answer: () => Promise<GetAnswer>,
) => Promise<GetAnswer>;

interface Faults extends Record<Operation, ApiFault[]> {
  put: PutFault[];
  getBytes: GetFault[];
}

/** The Images API and its object store, in memory, told to misbehave call by call. */
export class FakeService {
  readonly images = new Map<string, StoredImage>();
  /** Every call of the API, in order. */
  readonly calls: Operation[] = [];
  /** Numbers of the parts that arrived whole, in order. */
  readonly arrived: number[] = [];
  /** One is taken for each call of its kind; when there is none, the call is answered rightly. */
  readonly faults: Faults = {
    list: [],
    start: [],
    get: [],
    delete: [],
    partUrl: [],
    complete: [],
    downloadUrl: [],
    put: [],
    getBytes: [],
  };
  /** What each call was about beside its image: its version of the API, and its workspace. */
  readonly asked: Asked[] = [];
  token = "token-1";
  /** Where images are that are added. */
  home: string | null = null;
  /** Whether creating a name that is there makes its next version. */
  hasVersions = false;
  /** Whether images are told with their SHA-256. */
  tellsSha256 = true;
  urlLifeSec = 3_600;
  onCall: (operation: Operation) => void = () => undefined;
  readonly #clock: Clock;
  #made = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An image that is there without having been uploaded. */
  add(
    name: string,
    status: string,
    bytes: Uint8Array = new Uint8Array(),
    workspace: string | null = this.home,
  ): StoredImage {
    const id = `image_${++this.#made}`;
    const image: StoredImage = {
      wire: {
        object: "image",
        id,
        name,
        upload_status: status,
        created_at: Math.floor(this.#clock.wallMs() / 1000),
      },
      workspace,
      parts: new Map(),
      bytes,
    };
    if (status === "completed") image.wire.sha256 = sha256Of(bytes);
    this.images.set(id, image);
    return image;
  }

  /** For core's `HTTPClient`. */
  readonly fetch = async (input: string | URL | Request): Promise<Response> => {
    if (!(input instanceof Request)) throw new Error("core passes a Request");
    const asked = await readRequest(input);
    const { operation } = asked;
    const given = input.headers.get("authorization");
    const answer = (): Response =>
      given === `Bearer ${this.token}` ? this.#answer(asked) : this.refuse(401);
    this.calls.push(operation);
    this.asked.push(asked);
    this.onCall(operation);
    const fault = this.faults[operation].shift();
    return fault === undefined ? answer() : fault(answer);
  };

  #answer({ operation, version, image: of, workspace, body }: Asked): Response {
    const isAboutOne = operation !== "list" && operation !== "start";
    if (version === "preview" && !isAboutOne && workspace === null) {
      return this.refuse(400, "workspace is required");
    }
    if (operation === "list") return this.#list(workspace);
    if (operation === "start") return this.#start(String(body["name"]), workspace);
    const image = this.images.get(of) ?? this.#atPath(of);
    if (image === undefined) return this.refuse(404);
    switch (operation) {
      case "get":
        return this.json(200, this.#told(image));
      case "delete":
        this.images.delete(image.wire.id);
        return this.json(200, { object: "image", deleted: true, name: image.wire.name });
      case "partUrl":
        return this.#partUrl(image, Number(body["part_id"]));
      case "complete":
        return this.#complete(image, String(body["sha256"]));
      case "downloadUrl":
        return this.#downloadUrl(image);
    }
  }

  /** The newest first. */
  #in(workspace: string | null): StoredImage[] {
    return [...this.images.values()].reverse().filter((image) => image.workspace === workspace);
  }

  #atPath(path: string): StoredImage | undefined {
    const [, account, workspace, name] = /^sfc:image:(.*):(.*):(.*)$/.exec(path) ?? [];
    const all = this.#in(`sfc:workspace:${account}:${workspace}`);
    return all.find((image) => image.wire.name === name);
  }

  #list(workspace: string | null): Response {
    const data = this.#in(workspace).map((image) => this.#told(image));
    return this.json(200, { object: "list", has_more: false, cursor: null, data });
  }

  #start(name: string, workspace: string | null): Response {
    const isTaken = this.#in(workspace).some((image) => image.wire.name === name);
    if (isTaken && !this.hasVersions) return this.refuse(409);
    return this.json(201, this.#told(this.add(name, "started", new Uint8Array(), workspace)));
  }

  #partUrl(image: StoredImage, part: number): Response {
    if (!isOpen(image)) return this.refuse(400);
    return this.json(200, this.#presigned(`${image.wire.id}/${part}`));
  }

  #complete(image: StoredImage, sha256: string): Response {
    const done = image.wire.upload_status === "completed";
    if (done ? image.wire.sha256 !== sha256 : !isOpen(image)) return this.refuse(400);
    if (!done) completeWith(image, sha256);
    return this.json(200, this.#told(image));
  }

  #downloadUrl(image: StoredImage): Response {
    if (image.wire.upload_status !== "completed") return this.refuse(409);
    const sha256 = this.tellsSha256 ? image.wire.sha256 : null;
    const presigned = this.#presigned(`${image.wire.id}/whole`);
    return this.json(200, { ...presigned, sha256, size: image.bytes.length });
  }

  #told(image: StoredImage): object {
    return this.tellsSha256 ? image.wire : { ...image.wire, sha256: null };
  }

  #presigned(path: string): { url: string; expires_at: number } {
    const expires = Math.floor(this.#clock.wallMs() / 1000) + this.urlLifeSec;
    return { url: `https://store.test/${path}?sig=secret&e=${expires}`, expires_at: expires };
  }

  /** An answer of the API. */
  json(status: number, body: unknown): Response {
    const date = new Date(this.#clock.wallMs()).toUTCString();
    return new Response(JSON.stringify(body), {
      status,
      headers: { "content-type": "application/json", date },
    });
  }

  /** An answer that says no, in the API's own words. */
  refuse(status: number, message = `no: ${status}`): Response {
    const type = errorTypes[status] ?? "api_error";
    return this.json(status, { error: { type, message } });
  }

  async put(request: PutRequest): Promise<PutAnswer> {
    request.signal.throwIfAborted();
    const { image, what } = this.#stored(request.url);
    const answer = async (sent: PutRequest = request): Promise<PutAnswer> => {
      const bytes = await sendAll(sent);
      if (image === undefined) return refusedPut(404, "NoSuchUpload");
      image.parts.set(Number(what), bytes);
      this.arrived.push(Number(what));
      return { status: 200, headers: { etag: `"part-${what}"` }, sentAll: true, text: "" };
    };
    const fault = this.faults.put.shift();
    return fault === undefined ? answer() : fault(request, answer, Number(what));
  }

  async get(request: GetRequest): Promise<GetAnswer> {
    request.signal.throwIfAborted();
    const { image } = this.#stored(request.url);
    const answer = (): Promise<GetAnswer> => answerRange(request, image?.bytes ?? null);
    const fault = this.faults.getBytes.shift();
    return fault === undefined ? answer() : fault(request, answer);
  }

  #stored(url: string): { image: StoredImage | undefined; what: string } {
    const [, id = "", what = ""] = new URL(url).pathname.split("/");
    return { image: this.images.get(id), what };
  }
}

const errorTypes: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
};

const isOpen = (image: StoredImage): boolean =>
  ["started", "uploading"].includes(image.wire.upload_status);

export const sha256Of = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/** Joins the parts of an image, as its store does when it is completed. */
export function completeWith(image: StoredImage, sha256: string): void {
  const parts = [...image.parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
  image.bytes = Buffer.concat(parts);
  image.wire.upload_status = "completed";
  image.wire.sha256 = sha256;
}
