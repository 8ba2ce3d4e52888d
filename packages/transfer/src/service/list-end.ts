import { WrongAnswerError } from "../errors.js";

/** A list always has at least this long. */
const leastBudgetMs = 60_000;
/** A million images, 200 to a page. */
const mostPages = 5_000;

/**
 * Follows the cursors of a list, and refuses a list that does not end. It remembers one cursor at a time, each
 * twice as long as the one before, which finds any cycle (Brent's algorithm).
 */
export class ListEnd {
  readonly #nowMs: () => number;
  readonly #untilMs: number;
  #remembered = "";
  #pages = 0;
  #untilPage = 1;

  /** @param budgetMs How long all of the list may take. */
  constructor(nowMs: () => number = () => 0, budgetMs: number = Infinity) {
    this.#nowMs = nowMs;
    this.#untilMs = nowMs() + Math.max(budgetMs, leastBudgetMs);
  }

  /** @throws {WrongAnswerError} The cursors repeat, there are too many pages, or they take too long. */
  follow(cursor: string): void {
    this.#pages++;
    const isTooLong = this.#pages > mostPages || this.#nowMs() > this.#untilMs;
    if (cursor === this.#remembered || isTooLong) {
      throw new WrongAnswerError(`its list of images does not end (page ${this.#pages})`);
    }
    if (this.#pages < this.#untilPage) return;
    this.#remembered = cursor;
    this.#untilPage *= 2;
  }
}
