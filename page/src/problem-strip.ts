import { showProblemsBy } from "./attempt.js";
import { button, element, say } from "./element.js";

/** Makes the strip that shows what failed, until the user closes it or does something else. */
export function problemStrip(): HTMLElement {
  const text = element("span");
  const show = (why: string | null): void => {
    strip.hidden = why === null;
    say(text, why ?? "");
  };
  const close = button("Close", () => show(null), { class: "quiet" });
  const strip = element("p", { class: "problem strip", role: "alert", hidden: true }, text, close);
  showProblemsBy(show);
  return strip;
}
