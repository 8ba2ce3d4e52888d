import type {
  WireAccount,
  WireDeleted,
  WireDownload,
  WireImage,
  WireImageList,
  WirePartUrl,
} from "@img/core/wire";
import type { Authenticate } from "./accounts.js";
import { ApiError, json, secretJson } from "../http/answer.js";
import type { Answer } from "../http/answer.js";
import type { Call, Operation } from "../http/call.js";
import { readCreation, readPartId, readSha256 } from "./json-body.js";
import { readListQuery, requireKnownQuery } from "./list-query.js";
import { isCompleted } from "../images/image.js";
import type { ImageRecord } from "../images/image.js";
import { imageRef } from "../images/image-ref.js";
import { IncompleteError, NameTakenError } from "../images/image-store.js";
import type { Guard, ImageStore } from "../images/image-store.js";
import type { Account } from "./accounts.js";
import { requireAllowed } from "./state-table.js";
import type { StatefulCall } from "./state-table.js";
import { toWire } from "./wire-image.js";
import { DEFAULT_WORKSPACE } from "../images/workspace.js";
import type { Listed, Workspaces } from "./workspace-access.js";

type ApiOperation = Exclude<Operation, "part" | "download">;

export interface ImagesApi {
  /** Answers a call, or throws an ApiError. */
  handle(call: Call, operation: ApiOperation): Promise<Answer>;
}

/** Makes both versions of the API over any store. */
export function imagesApi(
  store: ImageStore,
  authenticate: Authenticate,
  workspaces: Workspaces,
): ImagesApi {
  const operations = new Operations(store, workspaces);
  return {
    async handle(call, operation) {
      const account = authenticate(call.headers.authorization);
      try {
        requireKnownQuery(call);
        return await operations[operation](call, account);
      } catch (error) {
        throw asApiError(error);
      }
    },
  };
}

type Answered = Record<ApiOperation, (call: Call, account: Account) => Promise<Answer>>;

class Operations implements Answered {
  readonly #store: ImageStore;
  readonly #workspaces: Workspaces;

  constructor(store: ImageStore, workspaces: Workspaces) {
    this.#store = store;
    this.#workspaces = workspaces;
  }

  async list(call: Call, account: Account): Promise<Answer> {
    const query = readListQuery(call, (text) => this.#store.isCursor(text));
    const { workspaces: shown, publicOnly } = this.#listed(call, account);
    const page = await this.#store.list(shown, { ...query, publicOnly });
    const { cursor = null, hasMore, images } = page;
    const data = images.map((image): WireImage =>
      toWire(image, call.apiVersion, this.#workspaces.isPublic),
    );
    const list: WireImageList = { object: "list", cursor, has_more: hasMore, data };
    return json(200, list);
  }

  async create(call: Call, account: Account): Promise<Answer> {
    const { name, workspace: given } = await readCreation(call);
    const isPreview = call.apiVersion === "preview";
    const workspace = isPreview ? this.#workspaces.toCreateIn(account, given) : defaultOf(account);
    return this.#imageAnswer(201, await this.#store.create(workspace, name), call);
  }

  async get(call: Call, account: Account): Promise<Answer> {
    const image = await this.#find(call, account, this.#guardFor("get", call, account));
    return this.#imageAnswer(200, image, call);
  }

  async delete(call: Call, account: Account): Promise<Answer> {
    const guard = this.#guardFor("delete", call, account);
    const { name } = await this.#store.remove(await this.#idOf(call, account, guard), guard);
    const answer: WireDeleted = { object: "image", deleted: true, name };
    return json(200, answer);
  }

  async partUrl(call: Call, account: Account): Promise<Answer> {
    const guard = this.#guardFor("partUrl", call, account);
    const partId = await readPartId(call);
    const id = await this.#idOf(call, account, guard);
    const { url, expiresAtSec } = await this.#store.partUrl(id, partId, call.origin, guard);
    const answer: WirePartUrl = { url, expires_at: expiresAtSec };
    return secretJson(answer);
  }

  async complete(call: Call, account: Account): Promise<Answer> {
    const guard = this.#guardFor("complete", call, account);
    const sha256 = await readSha256(call);
    const image = await this.#store.complete(await this.#idOf(call, account, guard), sha256, guard);
    if (image.state.sha256 === sha256) return this.#imageAnswer(200, image, call);
    const message = "The image is completed already, with another sha256.";
    throw new ApiError(400, message, [{ field: "sha256", code: "sha256_differs", message }]);
  }

  async downloadUrl(call: Call, account: Account): Promise<Answer> {
    const image = await this.#find(call, account, this.#guardFor("downloadUrl", call, account));
    if (!isCompleted(image))
      throw new Error("bug: the state table lets only completed ones through");
    const { url, expiresAtSec } = await this.#store.downloadUrl(image, call.origin);
    const { sha256, imageBytes } = image.state;
    const answer: WireDownload = { url, expires_at: expiresAtSec, sha256, size: imageBytes };
    return secretJson(answer);
  }

  revoke(call: Call, account: Account): Promise<Answer> {
    return this.#setRevoked(true, call, account);
  }

  reinstate(call: Call, account: Account): Promise<Answer> {
    return this.#setRevoked(false, call, account);
  }

  async account(_: Call, { name }: Account): Promise<Answer> {
    const answer: WireAccount = { id: name };
    return json(200, { object: "account", ...answer });
  }

  #guardFor(stateful: StatefulCall, { apiVersion }: Call, { name: account }: Account): Guard {
    const { isPublic } = this.#workspaces;
    return (image) => requireAllowed(stateful, image, { account, apiVersion, isPublic });
  }

  /** Finds the image of the call, if the guard allows the call. */
  async #find(call: Call, { name: account }: Account, guard: Guard): Promise<ImageRecord> {
    const ref = imageRef(call.id, account);
    if (ref === undefined) return guard(undefined);
    const isId = ref.by === "id";
    return guard(
      await (isId ? this.#store.find(ref.id) : this.#store.findNamed(ref.workspace, ref.name)),
    );
  }

  /** Returns the image's id. In preview, the call may name the image instead. */
  async #idOf(call: Call, account: Account, guard: Guard): Promise<string> {
    const ref = imageRef(call.id, account.name);
    return ref?.by === "id" ? ref.id : (await this.#find(call, account, guard)).id;
  }

  #listed({ apiVersion, query }: Call, account: Account): Listed {
    if (apiVersion === "preview") return this.#workspaces.toList(account, query.get("workspace"));
    return { workspaces: [defaultOf(account)], publicOnly: false };
  }

  async #setRevoked(isRevoked: boolean, call: Call, account: Account): Promise<Answer> {
    const guard = this.#guardFor(isRevoked ? "revoke" : "reinstate", call, account);
    const id = await this.#idOf(call, account, guard);
    return this.#imageAnswer(200, await this.#store.setRevoked(id, isRevoked, guard), call);
  }

  #imageAnswer(status: number, image: ImageRecord, { apiVersion }: Call): Answer {
    return json(status, toWire(image, apiVersion, this.#workspaces.isPublic));
  }
}

const defaultOf = ({ name: account }: Account) => ({ account, workspace: DEFAULT_WORKSPACE });

function asApiError(error: unknown): unknown {
  if (error instanceof NameTakenError) {
    const { message } = error;
    return new ApiError(409, message, [{ field: "name", code: "name_taken", message }]);
  }
  if (error instanceof IncompleteError) return new ApiError(400, error.message, error.details);
  return error;
}
