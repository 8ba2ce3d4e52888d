/** An output whose lines can be overwritten: a terminal. */
export interface Drawable {
  readonly columns?: number;
  write(text: string): unknown;
}

/** A few lines at the bottom of a terminal that are overwritten again and again. */
export class LiveLines {
  readonly #out: Drawable;
  #shown = 0;

  constructor(out: Drawable) {
    this.#out = out;
  }

  get columns(): number {
    return this.#out.columns || 80; // a serial console reports 0
  }

  /** Draws the lines in one write, and clears line by line, so that nothing flickers. */
  draw(lines: readonly string[]): void {
    const rest = Math.max(0, this.#shown - lines.length);
    const cleared = "\x1b[K\n".repeat(rest) + (rest > 0 ? `\x1b[${rest}A` : "");
    const text = lines.map((line) => `${line}\x1b[K\n`).join("");
    this.#out.write(this.#up() + text + cleared);
    this.#shown = lines.length;
  }

  /** Prints a permanent line above the live ones. */
  print(line: string, lines: readonly string[]): void {
    this.clear();
    this.#out.write(`${line}\n`);
    this.draw(lines);
  }

  clear(): void {
    if (this.#shown > 0) this.#out.write(`${this.#up()}\x1b[J`);
    this.#shown = 0;
  }

  #up(): string {
    return this.#shown > 0 ? `\r\x1b[${this.#shown}A` : "\r";
  }
}
