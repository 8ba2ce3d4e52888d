import { randomBytes } from "node:crypto";
import { cursorPattern, imageNamePattern, sha256Pattern } from "@img/core/wire";
import type { WireErrorDetail } from "@img/core/wire";
import { ApiError } from "../http/answer.js";
import type { ApiVersion, Call } from "../http/call.js";
import { idOf } from "../images/image-ref.js";
import type { ListQuery } from "../images/image-list.js";
import { MAX_PART_NUMBER } from "../images/parts.js";

/** Every body of the API fits in a tenth of it. */
const MAX_BODY_BYTES = 16 * 1024;

/** The fields of a call's JSON body. @throws {ApiError} 400 */
async function readFields(call: Call): Promise<Readonly<Record<string, unknown>>> {
  // Anything else could be sent by a page of another origin without asking first (a "simple" request).
  if (!/^application\/json *(;|$)/i.test(call.headers["content-type"] ?? "")) {
    throw invalid({ code: "content_type", message: "Send the body as application/json." });
  }
  const text = await readText(call);
  const value = parseJson(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw invalid({ code: "not_an_object", message: "The body must be a JSON object." });
}

async function readText(call: Call): Promise<string> {
  const slices: Uint8Array[] = [];
  let bytes = 0;
  for await (const slice of call.body) {
    bytes += slice.length;
    if (bytes > MAX_BODY_BYTES) {
      const message = `The body is longer than ${MAX_BODY_BYTES} bytes.`;
      throw invalid({ code: "body_too_large", message });
    }
    slices.push(slice);
  }
  return Buffer.concat(slices).toString();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid({ code: "malformed_json", message: "The body is not JSON." });
  }
}

/** What to create: in preview the workspace as it was given, and a name of ours where none was. */
export async function readCreation(
  call: Call,
): Promise<{ readonly name: string; readonly workspace: unknown }> {
  const { name, workspace } = await readFields(call);
  if (call.apiVersion === "v2") {
    if (workspace !== undefined) throw unknownInV2("workspace");
    return { name: checkName(name), workspace };
  }
  const isNone = name === undefined || name === null;
  return { name: isNone ? `image-${randomBytes(6).toString("hex")}` : checkName(name), workspace };
}

function checkName(name: unknown): string {
  if (typeof name === "string" && imageNamePattern.test(name)) return name;
  const message = "name must have 1 to 255 characters: a letter or digit, then [a-zA-Z0-9._-].";
  throw invalid({ field: "name", code: "invalid", message });
}

export async function readPartId(call: Call): Promise<number> {
  const { part_id: partId } = await readFields(call);
  if (Number.isInteger(partId) && Number(partId) >= 1 && Number(partId) <= MAX_PART_NUMBER) {
    return Number(partId);
  }
  const message = `part_id must be a whole number from 1 to ${MAX_PART_NUMBER}.`;
  throw invalid({ field: "part_id", code: "invalid", message });
}

export async function readSha256(call: Call): Promise<string> {
  const { sha256 } = await readFields(call);
  if (typeof sha256 === "string" && sha256Pattern.test(sha256)) return sha256;
  const message = "sha256 must be 64 lower-case hex digits.";
  throw invalid({ field: "sha256", code: "invalid", message });
}

const PAGE_PARAMETERS = ["limit", "starting_after", "ending_before"];

const LIST_PARAMETERS: Readonly<Record<ApiVersion, readonly string[]>> = {
  v2: [...PAGE_PARAMETERS, "include_deleted"],
  preview: [...PAGE_PARAMETERS, "workspace", "id"],
};

/**
 * A parameter that was passed over would give another answer than the one that was asked for.
 *
 * @throws {ApiError} 400: one is unknown, or given twice.
 */
export function requireKnownQuery({ operation, apiVersion, query }: Call): void {
  const known = operation === "list" ? LIST_PARAMETERS[apiVersion] : [];
  for (const field of new Set(query.keys())) {
    if (!known.includes(field)) {
      if (operation === "list" && LIST_PARAMETERS.preview.includes(field)) throw unknownInV2(field);
      throw invalid({ field, code: "unknown", message: `Unknown query parameter: ${field}.` });
    }
    if (field === "id" || query.getAll(field).length === 1) continue;
    throw invalid({ field, code: "repeated", message: `${field} may be given only once.` });
  }
}

function unknownInV2(field: string): ApiError {
  const message = `v2 of the API has no ${field}; use /preview/v2/images.`;
  return invalid({ field, code: "unknown", message });
}

/**
 * @param isCursor The store's: each makes its own.
 * @returns All but whether only public images are listed.
 */
export function readPageQuery(
  { query }: Call,
  isCursor: (text: string) => boolean,
): Omit<ListQuery, "publicOnly"> {
  const readCursor = (field: string) => cursorOf(field, query.get(field), isCursor);
  return {
    limit: readLimit(query.get("limit")),
    includeDeleted: readFlag("include_deleted", query.get("include_deleted")),
    startingAfter: readCursor("starting_after"),
    endingBefore: readCursor("ending_before"),
    ids: query.has("id") ? query.getAll("id").map(readId) : undefined,
  };
}

function readId(text: string): string {
  const id = idOf(text);
  if (id !== undefined) return id;
  const message = "id must be an image's id: image_ and 1 to 21 of [0-9A-Za-z_-].";
  throw invalid({ field: "id", code: "invalid", message });
}

function readLimit(text: string | null): number {
  if (text === null) return 50;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 200) return limit;
  const message = "limit must be a whole number from 1 to 200.";
  throw invalid({ field: "limit", code: "invalid", message });
}

function readFlag(field: string, text: string | null): boolean {
  if (text === null || text === "false") return false;
  if (text === "true") return true;
  throw invalid({ field, code: "invalid", message: `${field} must be true or false.` });
}

function cursorOf(
  field: string,
  text: string | null,
  isCursor: (text: string) => boolean,
): string | undefined {
  if (text === null) return undefined;
  if (cursorPattern.test(text) && isCursor(text)) return text;
  const message = `${field} must be a cursor that a list has answered.`;
  throw invalid({ field, code: "invalid", message });
}

const invalid = (detail: WireErrorDetail): ApiError => new ApiError(400, detail.message, [detail]);
