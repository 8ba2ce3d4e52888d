/** A list of items with unique orders. Finds, adds and removes by binary search. */
export class OrderedList<T extends { readonly order: number }> {
  #items: T[];

  constructor(items: readonly T[] = []) {
    this.#items = [...items].sort((a, b) => a.order - b.order);
  }

  /** All items, from the lowest order up. */
  all(): readonly T[] {
    return this.#items;
  }

  has(order: number): boolean {
    return this.#items[this.#firstFrom(order)]?.order === order;
  }

  add(item: T): void {
    this.#items.splice(this.#firstFrom(item.order), 0, item);
  }

  remove(order: number): void {
    if (this.has(order)) this.#items.splice(this.#firstFrom(order), 1);
  }

  /** Keeps the items that match. @returns The number of items that were removed. */
  keep(matches: (item: T) => boolean): number {
    const before = this.#items.length;
    this.#items = this.#items.filter(matches);
    return before - this.#items.length;
  }

  /** Yields the items below an order, from the highest down. */
  *below(order: number): Generator<T, void, undefined> {
    for (let at = this.#firstFrom(order) - 1; at >= 0; at--) yield this.#items[at]!;
  }

  /** Yields the items above an order, from the lowest up. */
  *above(order: number): Generator<T, void, undefined> {
    let at = this.#firstFrom(order);
    if (this.#items[at]?.order === order) at++;
    for (; at < this.#items.length; at++) yield this.#items[at]!;
  }

  /** Returns the index of the first item with this order or a higher one. */
  #firstFrom(order: number): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#items[middle]!.order < order) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
