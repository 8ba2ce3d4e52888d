import { attempt } from "./attempt.js";

type Child = Node | string | null;
type Attributes = Readonly<Record<string, string | boolean | EventListener>>;

/** Makes an element. `onclick` and the like are listeners; true is an attribute without a value. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Makes a button, which never submits a form by accident. */
export const button = (
  text: string,
  onclick: () => unknown,
  attributes: Attributes = {},
): HTMLButtonElement =>
  element("button", { type: "button", onclick: () => void attempt(onclick), ...attributes }, text);

/** Changes the text only if it differs, so that screen readers do not read the same text again. */
export function say(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
