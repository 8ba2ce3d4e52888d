import type {
  WireAccount,
  WireDeleted,
  WireDownload,
  WireImage,
  WireImageList,
  WirePartUrl,
} from "@img/core/wire";
import type { Authenticate } from "./accounts.js";
import { ApiError, json, secretJson } from "./answer.js";
import type { Answer } from "./answer.js";
import type { Call, Operation } from "./call.js";
import {
  readCreation,
  readPageQuery,
  readPartId,
  readSha256,
  requireKnownQuery,
} from "./call-input.js";
import { isCompleted } from "./image.js";
import type { ImageRecord } from "./image.js";
import { imageRef } from "./image-ref.js";
import { IncompleteError, NameTakenError } from "./image-store.js";
import type { Guard, ImageStore } from "./image-store.js";
import type { Account } from "./accounts.js";
import { requireAllowed } from "./state-table.js";
import type { StatefulCall } from "./state-table.js";
import { toWire } from "./wire-image.js";
import { DEFAULT_WORKSPACE } from "./workspace.js";
import type { Listed, Workspaces } from "./workspace-access.js";

type ApiOperation = Exclude<Operation, "part" | "download">;

export interface ImagesApi {
  /** Answers a call, or throws an ApiError. */
  handle(call: Call, operation: ApiOperation): Promise<Answer>;
}

/** Both versions of the API over any store. */
export function imagesApi(
  store: ImageStore,
  authenticate: Authenticate,
  workspaces: Workspaces,
): ImagesApi {
  const { isPublic } = workspaces;
  const guardFor =
    (stateful: StatefulCall, { apiVersion }: Call, { name: account }: Account): Guard =>
    (image) =>
      requireAllowed(stateful, image, { account, apiVersion, isPublic });

  /** The image that the call is about, as the guard lets it through. */
  const find = async (call: Call, { name: account }: Account, guard: Guard) => {
    const ref = imageRef(call.id, account);
    if (ref === undefined) return guard(undefined);
    const isId = ref.by === "id";
    return guard(await (isId ? store.find(ref.id) : store.findNamed(ref.workspace, ref.name)));
  };

  /** Its id, where the call may say its name. */
  const idOf = async (call: Call, account: Account, guard: Guard) => {
    const ref = imageRef(call.id, account.name);
    return ref?.by === "id" ? ref.id : (await find(call, account, guard)).id;
  };

  const listed = ({ apiVersion, query }: Call, account: Account): Listed => {
    if (apiVersion === "preview") return workspaces.toList(account, query.get("workspace"));
    return { workspaces: [defaultOf(account)], publicOnly: false };
  };

  const setRevoked = (isRevoked: boolean) => async (call: Call, account: Account) => {
    const guard = guardFor(isRevoked ? "revoke" : "reinstate", call, account);
    const id = await idOf(call, account, guard);
    return imageAnswer(200, await store.setRevoked(id, isRevoked, guard), call);
  };

  const imageAnswer = (status: number, image: ImageRecord, { apiVersion }: Call) =>
    json(status, toWire(image, apiVersion, isPublic));

  const operations: Record<ApiOperation, (call: Call, account: Account) => Promise<Answer>> = {
    async list(call, account) {
      const query = readPageQuery(call, (text) => store.isCursor(text));
      const { workspaces: shown, publicOnly } = listed(call, account);
      const { cursor = null, hasMore, images } = await store.page(shown, { ...query, publicOnly });
      const data = images.map((image): WireImage => toWire(image, call.apiVersion, isPublic));
      const list: WireImageList = { object: "list", cursor, has_more: hasMore, data };
      return json(200, list);
    },
    async create(call, account) {
      const { name, workspace: given } = await readCreation(call);
      const isPreview = call.apiVersion === "preview";
      const workspace = isPreview ? workspaces.toCreateIn(account, given) : defaultOf(account);
      return imageAnswer(201, await store.create(workspace, name), call);
    },
    async get(call, account) {
      return imageAnswer(200, await find(call, account, guardFor("get", call, account)), call);
    },
    async delete(call, account) {
      const guard = guardFor("delete", call, account);
      const { name } = await store.remove(await idOf(call, account, guard), guard);
      const answer: WireDeleted = { object: "image", deleted: true, name };
      return json(200, answer);
    },
    async partUrl(call, account) {
      const guard = guardFor("partUrl", call, account);
      const partId = await readPartId(call);
      const id = await idOf(call, account, guard);
      const { url, expiresAtSec } = await store.partUrl(id, partId, call.origin, guard);
      const answer: WirePartUrl = { url, expires_at: expiresAtSec };
      return secretJson(answer);
    },
    async complete(call, account) {
      const guard = guardFor("complete", call, account);
      const sha256 = await readSha256(call);
      const image = await store.complete(await idOf(call, account, guard), sha256, guard);
      if (image.state.sha256 === sha256) return imageAnswer(200, image, call);
      const message = "The image is completed already, with another sha256.";
      throw new ApiError(400, message, [{ field: "sha256", code: "sha256_differs", message }]);
    },
    async downloadUrl(call, account) {
      const image = await find(call, account, guardFor("downloadUrl", call, account));
      if (!isCompleted(image))
        throw new Error("bug: the state table lets only completed ones through");
      const { url, expiresAtSec } = await store.downloadUrl(image, call.origin);
      const { sha256, imageBytes } = image.state;
      const answer: WireDownload = { url, expires_at: expiresAtSec, sha256, size: imageBytes };
      return secretJson(answer);
    },
    revoke: setRevoked(true),
    reinstate: setRevoked(false),
    async account(_, { name }) {
      const answer: WireAccount = { id: name };
      return json(200, { object: "account", ...answer });
    },
  };

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

const defaultOf = ({ name: account }: Account) => ({ account, workspace: DEFAULT_WORKSPACE });

function asApiError(error: unknown): unknown {
  if (error instanceof NameTakenError) {
    const { message } = error;
    return new ApiError(409, message, [{ field: "name", code: "name_taken", message }]);
  }
  if (error instanceof IncompleteError) return new ApiError(400, error.message, error.details);
  return error;
}
