import { expect, test } from "vitest";
import { LiveLines } from "./live-lines.js";
import { screenOf } from "../testing/screen.js";

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

test("no line is left at the end", () => {
  const { lines, screen } = terminal();
  lines.draw(["a", "b"]);
  lines.clear();
  lines.clear();
  expect(screen()).toEqual([]);
});
