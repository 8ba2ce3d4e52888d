import { fitText, printable, textWidth } from "./text-width.js";

/** Returns the width of the terminal; Infinity if a program reads the output. */
const terminalColumns = (): number =>
  process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;

/** A name that is cut further is useless. */
const leastColumns = 12;

/**
 * A table whose rows arrive over time. A column is as wide as its widest text so far. If the table does not
 * fit, the texts of the first column lose their middle, then columns are left out, the last one first.
 */
export class Table {
  readonly #widths: number[];
  readonly #columns: number;
  #untold: readonly (readonly string[])[];

  constructor(header: readonly string[], columns: number = terminalColumns()) {
    this.#widths = header.map(() => 0);
    this.#untold = [header];
    this.#columns = columns;
  }

  /** Formats the next rows; the first ones get the header. */
  lines(rows: readonly (readonly string[])[]): readonly string[] {
    const all = [...this.#untold, ...rows].map((row) => row.map(printable));
    this.#untold = [];
    for (const row of all) {
      row.forEach((cell, n) => (this.#widths[n] = Math.max(this.#widths[n]!, textWidth(cell))));
    }
    const widths = fitting(this.#widths, this.#columns);
    return all.map((row) => line(row, widths));
  }
}

function fitting([first = 0, ...rest]: readonly number[], columns: number): readonly number[] {
  const left = columns - rest.reduce((sum, width) => sum + width + 2, 0);
  if (left >= Math.min(first, leastColumns) || rest.length === 0) {
    return [Math.min(first, Math.max(1, left)), ...rest];
  }
  return fitting([first, ...rest.slice(0, -1)], columns);
}

const line = (row: readonly string[], widths: readonly number[]): string =>
  widths
    .map((width, n) => fitText(row[n] ?? "", width))
    .map((cell, n) => cell + " ".repeat(Math.max(0, widths[n]! - textWidth(cell))))
    .join("  ")
    .trimEnd();
