import type { JournalRecord } from "./record.js";

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;
type ShapeOf<R> = { readonly [Field in keyof R]-?: Check };
type RecordOf<Type extends JournalRecord["type"]> = Extract<JournalRecord, { type: Type }>;
type BeginOf<Kind extends "upload" | "download"> = Extract<JournalRecord, { kind: Kind }>;

const text: Check = (value) => typeof value === "string";
const flag: Check = (value) => typeof value === "boolean";
const duration: Check = (value) => Number.isFinite(value) && Number(value) >= 0;
const whole: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const positive: Check = (value) => whole(value) && value !== 0;
const uint32: Check = (value) => whole(value) && Number(value) <= 0xffffffff;
const sha256: Check = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const identity: Check = (value) => isObject(value) && Object.values(value).every(text);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const beginUpload: ShapeOf<BeginOf<"upload">> = {
  type: text,
  kind: text,
  server: text,
  workspace: orNull(text),
  name: text,
  sizeBytes: orNull(positive),
  partBytes: positive,
  format: text,
  from: text,
  identity,
  beganAtSec: duration,
};
const beginDownload: ShapeOf<BeginOf<"download">> = {
  type: text,
  kind: text,
  server: text,
  workspace: orNull(text),
  imageId: text,
  name: text,
  sizeBytes: positive,
  partBytes: positive,
  sha256: orNull(sha256),
  etag: orNull(text),
  sinkIdentity: text,
  to: text,
  beganAtSec: duration,
};
const intent: ShapeOf<RecordOf<"intent">> = {
  type: text,
  sinceSec: duration,
  timeoutMs: duration,
};
const started: ShapeOf<RecordOf<"started">> = {
  type: text,
  imageId: text,
  adopted: flag,
};
const receipt: ShapeOf<RecordOf<"receipt">> = {
  type: text,
  part: positive,
  crc32: uint32,
  etag: orNull(text),
};
const size: ShapeOf<RecordOf<"size">> = { type: text, sizeBytes: positive };
const source: ShapeOf<RecordOf<"source">> = { type: text, identity, from: text, format: text };
const sink: ShapeOf<RecordOf<"sink">> = { type: text, identity: text, to: text };
const digest: ShapeOf<RecordOf<"digest">> = {
  type: text,
  positionBytes: whole,
  state: text,
};
const completing: ShapeOf<RecordOf<"completing">> = { type: text, sha256 };
const completed: ShapeOf<RecordOf<"completed">> = { type: text, atSec: duration };
const stopped: ShapeOf<RecordOf<"stopped">> = { type: text, code: text, atSec: duration };

const shapes: ReadonlyMap<unknown, Shape> = new Map<unknown, Shape>([
  ["begin upload", beginUpload],
  ["begin download", beginDownload],
  ...Object.entries({
    intent,
    started,
    receipt,
    size,
    source,
    sink,
    digest,
    completing,
    completed,
    stopped,
  }),
]);

/**
 * The record that `value` is, with its known fields and no other, in a fixed order; null if a field
 * is missing or of another type. A caller's object may hold more, which then stays out of the journal.
 */
export function asRecord(value: unknown): JournalRecord | null {
  if (!isObject(value)) return null;
  const shape = shapes.get(value.type === "begin" ? `begin ${String(value.kind)}` : value.type);
  if (shape === undefined) return null;
  const fields = Object.entries(shape);
  if (!fields.every(([field, check]) => Object.hasOwn(value, field) && check(value[field]))) {
    return null;
  }
  const record: unknown = Object.fromEntries(fields.map(([field]) => [field, value[field]]));
  return record as JournalRecord; // every field was checked just above
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
