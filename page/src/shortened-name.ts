import { element } from "./element.js";

/** The characters at the end that are always shown: builds of one day differ there. */
const tailCharacters = 14;

/**
 * Makes a name whose middle is left out if there is no room. Copying it, or hovering over it, gives the whole
 * name.
 */
export function shortenedName(name: string): HTMLElement {
  const characters = Array.from(name);
  const cut = Math.max(0, characters.length - tailCharacters);
  const copyWhole = (event: Event): void => {
    const { anchorNode, focusNode } = getSelection() ?? {};
    if (!shown.contains(anchorNode ?? null) || !shown.contains(focusNode ?? null)) return;
    (event as ClipboardEvent).clipboardData?.setData("text/plain", name);
    event.preventDefault();
  };
  const shown = element(
    "bdi",
    { class: "shortened", title: name, oncopy: copyWhole },
    element("span", { class: "head" }, characters.slice(0, cut).join("")),
    element("span", {}, characters.slice(cut).join("")),
  );
  return shown;
}
