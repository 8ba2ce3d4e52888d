import type {
  WireDeleted,
  WireDownload,
  WireImage,
  WireImageList,
  WirePartUrl,
} from "@img/core/wire";
import type { Authenticate } from "./accounts.js";
import { ApiError, json } from "./answer.js";
import type { Answer } from "./answer.js";
import type { Call, Operation } from "./call.js";
import { readName, readPageQuery, readPartId, readSha256 } from "./call-input.js";
import { isCompleted } from "./image.js";
import type { ImageRecord } from "./image.js";
import { IncompleteError, NameTakenError } from "./image-store.js";
import type { Guard, ImageStore } from "./image-store.js";
import type { Account } from "./options.js";
import { requireAllowed } from "./state-table.js";

type ApiOperation = Exclude<Operation, "part" | "download">;

export interface ImagesApi {
  /** Answers a call, or throws an ApiError. */
  handle(call: Call, operation: ApiOperation): Promise<Answer>;
}

/** The seven operations over any store. */
export function imagesApi(
  store: ImageStore,
  authenticate: Authenticate,
  publicAccounts: ReadonlySet<string>,
): ImagesApi {
  const guardFor =
    (call: "get" | "partUrl" | "complete" | "downloadUrl" | "delete", account: Account): Guard =>
    (image) =>
      requireAllowed(call, image, account, publicAccounts);

  const operations: Record<ApiOperation, (call: Call, account: Account) => Promise<Answer>> = {
    async list(call, account) {
      const page = await store.page(
        account.name,
        readPageQuery(call, (text) => store.isCursor(text)),
      );
      const { cursor = null, hasMore, images } = page;
      const list: WireImageList = {
        object: "list",
        cursor,
        has_more: hasMore,
        data: images.map(toWire),
      };
      return json(200, list);
    },
    async create(call, account) {
      return json(201, toWire(await store.create(account.name, await readName(call))));
    },
    async get(call, account) {
      return json(200, toWire(guardFor("get", account)(await store.find(call.id))));
    },
    async delete(call, account) {
      const { name } = await store.remove(call.id, guardFor("delete", account));
      const answer: WireDeleted = { object: "image", deleted: true, name };
      return json(200, answer);
    },
    async partUrl(call, account) {
      const guard = guardFor("partUrl", account);
      const { url, expiresAtSec } = await store.partUrl(
        call.id,
        await readPartId(call),
        call.origin,
        guard,
      );
      const answer: WirePartUrl = { url, expires_at: expiresAtSec };
      return json(200, answer);
    },
    async complete(call, account) {
      const sha256 = await readSha256(call);
      const image = await store.complete(call.id, sha256, guardFor("complete", account));
      if (image.state.sha256 === sha256) return json(200, toWire(image));
      const message = "The image is completed already, with another sha256.";
      throw new ApiError(400, message, [{ field: "sha256", code: "sha256_differs", message }]);
    },
    async downloadUrl(call, account) {
      const image = guardFor("downloadUrl", account)(await store.find(call.id));
      if (!isCompleted(image))
        throw new Error("bug: the state table lets only completed ones through");
      const { url, expiresAtSec } = await store.downloadUrl(image, call.origin);
      const { sha256, imageBytes } = image.state;
      const answer: WireDownload = { url, expires_at: expiresAtSec, sha256, size: imageBytes };
      return json(200, answer);
    },
  };

  return {
    async handle(call, operation) {
      const account = authenticate(call.headers.authorization);
      try {
        return await operations[operation](call, account);
      } catch (error) {
        throw asApiError(error);
      }
    },
  };
}

function asApiError(error: unknown): unknown {
  if (error instanceof NameTakenError) {
    const { message } = error;
    return new ApiError(409, message, [{ field: "name", code: "name_taken", message }]);
  }
  if (error instanceof IncompleteError) return new ApiError(400, error.message, error.details);
  return error;
}

function toWire(image: ImageRecord): WireImage {
  const { id, name, createdAtSec, state } = image;
  return {
    object: "image",
    id,
    name,
    upload_status: state.at,
    created_at: createdAtSec,
    sha256: state.at === "completed" ? state.sha256 : null,
  };
}
