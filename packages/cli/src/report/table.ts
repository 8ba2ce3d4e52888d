import { printable, textWidth } from "./text-width.js";

/** Rows under a header, in columns as wide as what is in them. */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  return new Table(header).lines(rows);
}

/** A table of which rows come over time: a column is as wide as what came so far. */
export class Table {
  readonly #widths: number[];
  #untold: readonly (readonly string[])[];

  constructor(header: readonly string[]) {
    this.#widths = header.map(() => 0);
    this.#untold = [header];
  }

  /** The next rows, the first of them under the header. */
  lines(rows: readonly (readonly string[])[]): readonly string[] {
    const all = [...this.#untold, ...rows].map((row) => row.map(printable));
    this.#untold = [];
    for (const row of all) {
      row.forEach((cell, column) => {
        this.#widths[column] = Math.max(this.#widths[column]!, textWidth(cell));
      });
    }
    return all.map((row) => this.#line(row));
  }

  #line(row: readonly string[]): string {
    const padded = row.map((cell, n) => cell + " ".repeat(this.#widths[n]! - textWidth(cell)));
    return padded.join("  ").trimEnd();
  }
}
