const [width, height] = [320, 56];
const svg = "http://www.w3.org/2000/svg";

/** A graph of the rate in the last half minute. It is hidden from screen readers: the numbers are beside it. */
export class RateGraph {
  readonly node: SVGSVGElement;
  readonly #area: SVGPathElement;
  readonly #line: SVGPathElement;

  constructor() {
    this.node = document.createElementNS(svg, "svg");
    this.node.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.node.setAttribute("preserveAspectRatio", "none");
    this.node.setAttribute("class", "rate");
    this.node.setAttribute("aria-hidden", "true");
    this.#area = document.createElementNS(svg, "path");
    this.#area.setAttribute("class", "area");
    this.#line = document.createElementNS(svg, "path");
    this.#line.setAttribute("class", "line");
    this.node.append(this.#area, this.#line);
  }

  draw(rates: readonly number[], mostRates = 160): void {
    if (rates.length < 2) {
      this.#area.setAttribute("d", "");
      this.#line.setAttribute("d", "");
      return;
    }
    const top = Math.max(...rates, 1) * 1.15;
    // A short history fills the picture from the left, a long one moves through it.
    const step = width / (Math.min(mostRates, Math.max(40, rates.length)) - 1);
    const points = rates.map((rate, index) => {
      const [x, y] = [index * step, height - (rate / top) * height];
      return `${x.toFixed(1)} ${y.toFixed(1)}`;
    });
    const line = `M${points.join("L")}`;
    this.#line.setAttribute("d", line);
    this.#area.setAttribute(
      "d",
      `${line}L${((rates.length - 1) * step).toFixed(1)} ${height}L0 ${height}Z`,
    );
  }
}
