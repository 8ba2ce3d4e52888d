import { format } from "prettier";
import { eventSchemas, type EventSchema, type FieldSchema } from "./event-schema.js";

const introduction = `# What \`img --json\` writes

One object a line: events on stdout, and on stderr the one \`error\` with which a command ends. With
\`img download IMAGE -\` stdout carries the image, and all objects are on stderr.

Fields are added, never renamed or removed. Ignore events and fields that you do not know. This page is made from
[events.schema.json](events.schema.json) (JSON Schema 2020-12), for programs; the tests check every line against it.
`;

/** Makes EVENTS.md from `events.schema.json`. */
export const eventsPage = (): Promise<string> =>
  format([introduction, ...eventSchemas.map(section)].join("\n"), {
    parser: "markdown",
    printWidth: 100,
  });

function section({ title, description, properties, required }: EventSchema): string {
  const fields = Object.entries(properties).filter(([name]) => name !== "event");
  const rows = fields.map(([name, field]) => {
    const optional = required.includes(name) ? "" : "_optional_; ";
    const meaning = (optional + (field.description ?? "")).replace(/; $/, "");
    return `| \`${name}\` | ${typeOf(field)} | ${meaning} |`;
  });
  const table = ["| field | | |", "| --- | --- | --- |", ...rows];
  return [`## \`${title}\``, "", description, "", ...(rows.length === 0 ? [] : table), ""].join(
    "\n",
  );
}

function typeOf({ type, const: only, enum: choices, anyOf, properties }: FieldSchema): string {
  if (anyOf !== undefined) return listed(anyOf.map((one) => typeOf(one)));
  if (choices !== undefined) return listed(choices.map((one) => `\`${one}\``));
  if (only !== undefined) return `\`${only}\``;
  if (properties !== undefined) {
    return `{ ${Object.keys(properties)
      .map((name) => `\`${name}\``)
      .join(", ")} }`;
  }
  return type ?? "any";
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
