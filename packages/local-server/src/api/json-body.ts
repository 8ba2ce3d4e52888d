import { randomBytes } from "node:crypto";
import { imageNamePattern, sha256Pattern } from "@img/core/wire";
import type { Call } from "../http/call.js";
import { MAX_PART_NUMBER } from "../images/parts.js";
import { invalid, unknownInV2 } from "./invalid-field.js";

/** Ten times what any body of the API needs. */
const MAX_BODY_BYTES = 16 * 1024;

/** Reads the fields of a call's JSON body. @throws {ApiError} 400 */
async function readFields(call: Call): Promise<Readonly<Record<string, unknown>>> {
  // A page of another origin can send any other type without a preflight (a "simple" request).
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

/** Reads what to create: in preview also the workspace, as given, and a generated name if there is none. */
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
