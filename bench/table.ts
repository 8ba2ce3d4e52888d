type Cell = string | number | null;

/** Prints objects as a table: keys as the header, numbers aligned to the right. */
export function printTable(rows: readonly object[]): void {
  for (const line of tableLines(rows)) console.log(line);
}

function tableLines(rows: readonly object[]): readonly string[] {
  const keys = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => keys.map((key) => wordsOf((row as Record<string, Cell>)[key])));
  const widths = keys.map((key, at) =>
    Math.max(key.length, ...cells.map((row) => row[at]!.length)),
  );
  return [keys, ...cells].map((row) =>
    row.map((cell, at) => padded(cell, widths[at]!, at)).join("  "),
  );
}

const padded = (cell: string, width: number, at: number): string =>
  at === 0 ? cell.padEnd(width) : cell.padStart(width);

function wordsOf(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return "-";
  return typeof cell === "number" && !Number.isInteger(cell) ? cell.toFixed(3) : String(cell);
}
