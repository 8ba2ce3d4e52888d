import { cursorPattern } from "@img/core/wire";
import type { ApiVersion, Call } from "../http/call.js";
import type { ListQuery } from "../images/image-list.js";
import { idOf } from "../images/image-ref.js";
import { invalid, unknownInV2 } from "./invalid-field.js";

const PAGE_PARAMETERS = ["limit", "starting_after", "ending_before"];

const LIST_PARAMETERS: Readonly<Record<ApiVersion, readonly string[]>> = {
  v2: [...PAGE_PARAMETERS, "include_deleted"],
  preview: [...PAGE_PARAMETERS, "workspace", "id"],
};

/**
 * Refuses unknown parameters: ignoring one would answer another question than was asked.
 *
 * @throws {ApiError} 400: a parameter is unknown, or given twice.
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

/**
 * Reads the query of a list.
 *
 * @param isCursor The store's check, since each store makes its own cursors.
 * @returns Everything except whether only public images are listed.
 */
export function readListQuery(
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
  const message = `${field} must be a cursor of a list's answer.`;
  throw invalid({ field, code: "invalid", message });
}
