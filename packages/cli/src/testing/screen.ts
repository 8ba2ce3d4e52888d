/**
 * Returns what a terminal shows after this output. It knows only the sequences that a bar uses. Empty lines are
 * left out.
 */
export function screenOf(written: string): string[] {
  const rows: string[] = [""];
  let row = 0;
  let column = 0;
  for (const token of written.match(tokens) ?? []) {
    const count = Number(/\d+/.exec(token)?.[0] ?? 1);
    if (token === "\n") rows[++row] ??= "";
    else if (token === "\r") column = 0;
    else if (!token.startsWith(escape)) {
      rows[row] =
        rows[row]!.slice(0, column).padEnd(column) +
        token +
        rows[row]!.slice(column + token.length);
      column += token.length;
    } else if (token.endsWith("A")) row -= count;
    else if (token.endsWith("K")) rows[row] = rows[row]!.slice(0, column);
    else if (token.endsWith("J")) {
      rows[row] = rows[row]!.slice(0, column);
      rows.length = row + 1;
    }
    if (token === "\n") column = 0;
  }
  return rows.map((text) => text.trimEnd()).filter((text) => text !== "");
}

const escape = "\x1b";
const tokens = /\x1b\[[\d;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+/g; // eslint-disable-line no-control-regex -- a terminal's own
