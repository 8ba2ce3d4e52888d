import { element } from "./element.js";

/** How many parts of an image have arrived. */
export interface PartCounts {
  readonly done: number;
  readonly underWay: number;
  readonly total: number;
}

const [cell, gap] = [9, 3];
const mostCells = 600;

/**
 * A picture with a cell for each part, or for several parts if there are many. Parts are sent in order, so
 * counts are enough.
 */
export class PartsMap {
  readonly node: HTMLCanvasElement = element("canvas", { class: "parts", role: "img" });
  #shown = "";

  draw(counts: PartCounts): void {
    const { done, underWay, total } = counts;
    const style = getComputedStyle(this.node);
    const columns = Math.max(
      1,
      Math.floor(((this.node.parentElement?.clientWidth ?? 0) + gap) / (cell + gap)),
    );
    const colours = ["--done", "--moving", "--left"].map((name) => style.getPropertyValue(name));
    const shown = JSON.stringify([counts, columns, colours, devicePixelRatio]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const perCell = Math.ceil(total / mostCells);
    const cells = Math.ceil(total / perCell);
    this.#size(columns, Math.ceil(cells / columns));
    const context = this.node.getContext("2d");
    if (context === null) return;
    for (let at = 0; at < cells; at++) {
      const last = Math.min(total, (at + 1) * perCell);
      const which = last <= done ? 0 : at * perCell < done + underWay ? 1 : 2;
      context.fillStyle = colours[which] ?? "";
      context.beginPath();
      const [x, y] = [(at % columns) * (cell + gap), Math.floor(at / columns) * (cell + gap)];
      context.roundRect(x, y, cell, cell, 2.5);
      context.fill();
    }
    this.node.setAttribute("aria-label", `${done} of ${total} parts have arrived`);
  }

  /** Sets the size, which also clears the picture. */
  #size(columns: number, rows: number): void {
    const [width, height] = [columns, rows].map((count) => count * (cell + gap) - gap) as [
      number,
      number,
    ];
    this.node.width = width * devicePixelRatio;
    this.node.height = height * devicePixelRatio;
    this.node.style.width = `${width}px`;
    this.node.style.height = `${height}px`;
    this.node.getContext("2d")?.scale(devicePixelRatio, devicePixelRatio);
  }
}
