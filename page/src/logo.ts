import { element } from "./element.js";

/** Says nothing that the title beside it does not. */
export const logo = (): HTMLElement =>
  element("img", { src: "./icon.svg", alt: "", width: "28", height: "28", class: "logo" });
