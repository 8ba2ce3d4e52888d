import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";

/** One kind of line in `events.schema.json`. */
export interface EventSchema {
  readonly title: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly required: readonly string[];
}

/** One field of a line. */
export interface FieldSchema {
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly FieldSchema[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly description?: string;
}

interface Schema {
  readonly $defs: Readonly<Record<string, EventSchema>>;
}

const file = join(import.meta.dirname, "../../events.schema.json");
const schema = JSON.parse(readFileSync(file, "utf8")) as Schema;

export const eventSchemas: readonly EventSchema[] = Object.values(schema.$defs);

// Readers ignore fields that they do not know; a test must fail for a field that is not documented.
const closed = Object.fromEntries(
  Object.entries(schema.$defs).map(([name, one]) => [
    name,
    { ...one, additionalProperties: false },
  ]),
);
const ajv = new Ajv2020({ strict: false });
const validators = new Map(
  Object.entries(closed).map(([name, one]) => [name, ajv.compile(one)] as const),
);

/** Checks a line of `--json` against its schema. @throws The difference. */
export function checkEvent(line: Readonly<Record<string, unknown>>): void {
  const kind = kindOf(line);
  const validate = validators.get(kind);
  if (validate === undefined) throw new Error(`No schema knows the event "${kind}"`);
  if (validate(line)) return;
  throw new Error(`${JSON.stringify(line)} is no "${kind}": ${ajv.errorsText(validate.errors)}`);
}

function kindOf(line: Readonly<Record<string, unknown>>): string {
  if (typeof line["event"] === "string") return line["event"];
  return line["object"] === "image" ? "image" : "transfer";
}
