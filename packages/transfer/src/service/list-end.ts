import { WrongAnswerError } from "../errors.js";

/** No list takes longer to come, however little patience there is else. */
const leastBudgetMs = 60_000;
/** A million images, 200 to a page. */
const mostPages = 5_000;

/**
 * Follows the cursors of a list that should end. Of them it remembers one at a time, each kept twice as long
 * as the one before: any circle is noticed (Brent's algorithm), in as much memory as one cursor takes.
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

  /** @throws {WrongAnswerError} The cursors run in a circle, or there are more pages than images can fill, or time for. */
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
