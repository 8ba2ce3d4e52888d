import { attempt } from "./attempt.js";
import { button, element } from "./element.js";

export interface MenuItem {
  readonly text: string;
  readonly do: () => unknown;
  readonly isDangerous?: boolean;
}

/** A button that opens a menu below itself. Arrow keys move in it; Escape or a click elsewhere closes it. */
export function menuButton(label: string, items: readonly MenuItem[]): HTMLButtonElement {
  const opener = button("⋯", () => openMenu(opener, label, items), {
    class: "more",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    "aria-label": label,
  });
  return opener;
}

function openMenu(opener: HTMLElement, label: string, items: readonly MenuItem[]): void {
  const closed = new AbortController();
  const close = (): void => {
    if (menu.contains(document.activeElement)) opener.focus();
    opener.setAttribute("aria-expanded", "false");
    menu.remove();
    closed.abort();
  };
  const menu = element(
    "div",
    { class: "menu", role: "menu", "aria-label": label },
    ...items.map((item) => menuItem(item, close)),
  );
  menu.addEventListener("keydown", (event) => moveFocus(menu, event, close));
  // Inside a landmark, as everything on the page has to be.
  opener.closest("main")?.append(menu);
  place(menu, opener);
  opener.setAttribute("aria-expanded", "true");
  focusItem(menu, 0);
  const { signal } = closed;
  const elsewhere = ({ target }: Event): void => {
    if (!menu.contains(target as Node)) close();
  };
  // The click that opened the menu is still being handled.
  setTimeout(() => {
    for (const kind of ["click", "focusin"]) document.addEventListener(kind, elsewhere, { signal });
  });
  const follow = (): void => (opener.isConnected ? place(menu, opener) : close());
  addEventListener("resize", follow, { signal });
  addEventListener("scroll", follow, { signal, capture: true });
}

const menuItem = ({ text, do: work, isDangerous = false }: MenuItem, close: () => void) =>
  element(
    "button",
    {
      type: "button",
      role: "menuitem",
      tabindex: "-1",
      class: isDangerous ? "dangerous" : "",
      onclick: () => {
        close();
        void attempt(work);
      },
    },
    text,
  );

/**
 * Places the menu below its button, or above it if there is no room below. The position is fixed, so that no
 * container cuts it off.
 */
function place(menu: HTMLElement, opener: HTMLElement): void {
  const { top, bottom, right } = opener.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = bottom + 4;
  menu.style.left = `${Math.max(8, right - width)}px`;
  menu.style.top = `${below + height > innerHeight ? Math.max(8, top - height - 4) : below}px`;
}

function focusItem(menu: HTMLElement, at: number): void {
  const count = menu.children.length;
  (menu.children[(at + count) % count] as HTMLElement).focus({ preventScroll: true });
}

function moveFocus(menu: HTMLElement, event: KeyboardEvent, close: () => void): void {
  const at = [...menu.children].indexOf(document.activeElement as Element);
  const moves: Readonly<Record<string, () => void>> = {
    ArrowDown: () => focusItem(menu, at + 1),
    ArrowUp: () => focusItem(menu, at - 1),
    Home: () => focusItem(menu, 0),
    End: () => focusItem(menu, -1),
    Escape: close,
    Tab: close,
  };
  const move = moves[event.key];
  if (move === undefined) return;
  if (event.key !== "Tab") event.preventDefault();
  move();
}
