import { format } from "prettier";
import { eventSchemas, type EventSchema, type FieldSchema } from "./event-schema.js";

const introduction = `# What \`img --json\` writes

An object a line: on stdout what happens, on stderr the one \`error\` with which a command ends. With
\`img download IMAGE -\` stdout is the image's, and all of it is on stderr.

Fields are added, never renamed or dropped. Take an event or a field that you don't know as none. The same,
for programs: [events.schema.json](events.schema.json) (JSON Schema 2020-12), which this page is made from, and which
the tests hold every line against.

Lines with \`v\` are the events of a transfer: the objects that \`onEvent\` of the library gets (\`TransferEvent\`, see
[docs/events.md](../../docs/events.md)), with the file or image that they are about. \`v\` is the version of that union. All
other lines are the command's own.
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
    const optional = required.includes(name) ? "" : "_where there is one_; ";
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
