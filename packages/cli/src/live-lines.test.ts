import { expect, test } from "vitest";
import { LiveLines } from "./live-lines.js";

/** What a terminal shows after all that was written, as far as these sequences go. */
function screenOf(written: string): string[] {
  const rows: string[] = [""];
  let row = 0;
  const tokens = written.match(/\x1b\[\d*[AJK]|\r|\n|[^\x1b\r\n]+/g) ?? []; // eslint-disable-line no-control-regex -- a terminal's own
  for (const token of tokens) {
    if (token === "\n") rows[++row] ??= "";
    else if (token.endsWith("A") && token.startsWith("\x1b")) row -= Number(token.slice(2, -1));
    else if (token.endsWith("J") && token.startsWith("\x1b")) rows.fill("", row);
    else if (!/^[\x1b\r]/.test(token)) rows[row] = token; // eslint-disable-line no-control-regex -- likewise
  }
  return rows.filter((text) => text !== "");
}

function terminal(): { lines: LiveLines; screen: () => string[] } {
  let written = "";
  const lines = new LiveLines({ columns: 80, write: (text) => (written += text) });
  return { lines, screen: () => screenOf(written) };
}

test("lines are drawn over, also when they become fewer", () => {
  const { lines, screen } = terminal();
  lines.draw(["a 1", "b 1", "c 1"]);
  lines.draw(["a 2", "b 2"]);
  expect(screen().slice(0, 2)).toEqual(["a 2", "b 2"]);
});

test("a line that stays is put above them", () => {
  const { lines, screen } = terminal();
  lines.draw(["bar 1"]);
  lines.print("part 1 is there", ["bar 2"]);
  lines.print("part 2 is there", ["bar 3"]);
  expect(screen()).toEqual(["part 1 is there", "part 2 is there", "bar 3"]);
});

test("nothing is left of them in the end", () => {
  const { lines, screen } = terminal();
  lines.draw(["a", "b"]);
  lines.clear();
  lines.clear();
  expect(screen()).toEqual([]);
});
