import { printable, textWidth } from "./text-width.js";

/** Rows under a header, in columns as wide as what is in them. */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const all = [header, ...rows].map((row) => row.map(printable));
  const widths = header.map((_, column) =>
    Math.max(...all.map((row) => textWidth(row[column] ?? ""))),
  );
  return all.map((row) =>
    row
      .map((cell, column) => cell + " ".repeat(widths[column]! - textWidth(cell)))
      .join("  ")
      .trimEnd(),
  );
}
