import type { DownloadBegin, JournalRecord, UploadBegin } from "./record.js";

type Check = (value: unknown) => boolean;
/** The checks of a record's fields, in the order in which they are written. */
type ShapeOf<R> = { readonly [Field in Exclude<keyof R, "type">]-?: Check };
type Of<Type extends JournalRecord["type"]> = Extract<JournalRecord, { type: Type }>;

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

const shapes: {
  readonly "begin upload": ShapeOf<UploadBegin>;
  readonly "begin download": ShapeOf<DownloadBegin>;
} & { readonly [Type in Exclude<JournalRecord["type"], "begin">]: ShapeOf<Of<Type>> } = {
  "begin upload": {
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
  },
  "begin download": {
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
  },
  intent: { sinceSec: duration, timeoutMs: duration },
  started: { imageId: text, adopted: flag },
  receipt: { part: positive, crc32: uint32, etag: orNull(text) },
  size: { sizeBytes: positive },
  source: { identity, from: text, format: text },
  sink: { identity: text, to: text },
  digest: { positionBytes: whole, state: text },
  completing: { sha256 },
  completed: { atSec: duration },
  stopped: { code: text, atSec: duration },
};
const shapeOf: ReadonlyMap<unknown, Readonly<Record<string, Check>>> = new Map(
  Object.entries(shapes),
);

/**
 * The record that `value` is, with its known fields and no other, in a fixed order; null if a field
 * is missing or of another type. A caller's object may hold more, which then stays out of the journal.
 */
export function asRecord(value: unknown): JournalRecord | null {
  if (!isObject(value)) return null;
  const shape = shapeOf.get(value.type === "begin" ? `begin ${String(value.kind)}` : value.type);
  if (shape === undefined) return null;
  const fields = Object.entries({ type: text, ...shape });
  if (!fields.every(([field, check]) => Object.hasOwn(value, field) && check(value[field]))) {
    return null;
  }
  const record: unknown = Object.fromEntries(fields.map(([field]) => [field, value[field]]));
  return record as JournalRecord; // every field was checked just above
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
