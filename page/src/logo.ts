import { element } from "./element.js";

/** Makes the logo. It is hidden from screen readers: the title beside it says the same. */
export const logo = (): HTMLElement =>
  element("img", { src: "./icon.svg", alt: "", width: "28", height: "28", class: "logo" });
