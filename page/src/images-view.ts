import type { ImageListEntry } from "@img/core/models";
import { allImages } from "./all-images.js";
import { button, element, say } from "./element.js";
import { imageActions, type ImageActions } from "./image-actions.js";
import { foundImages, orders, type Order } from "./image-order.js";
import { imageRow } from "./image-row.js";
import { ImageSizes } from "./image-sizes.js";
import type { RowNews } from "./row-news.js";
import type { Session } from "./session.js";
import { bytes, errorText } from "./words.js";

const rowsOnPage = 50;

/** The account's images: searched, sorted, a page at a time. */
export class ImagesView {
  readonly node: HTMLElement;
  readonly #session: Session;
  readonly #actions: ImageActions;
  readonly #sizes: ImageSizes;
  readonly #rows = element("tbody");
  readonly #table: HTMLElement;
  readonly #title = element("h2", { tabindex: "-1" }, "Images");
  readonly #count = element("p", { class: "quiet count", role: "status" });
  readonly #problem = element("p", { class: "problem", role: "alert" });
  readonly #none = element("p", { class: "none quiet", hidden: true });
  readonly #search = element("input", {
    type: "search",
    placeholder: "Search",
    title: "A part of a name, or the beginning of an id or SHA-256",
    "aria-label": "Search images",
    oninput: () => this.#showFrom(0),
  });
  readonly #order = element(
    "select",
    { "aria-label": "Sort images", onchange: () => this.#showFrom(0) },
    ...Object.keys(orders).map((text) => element("option", {}, text)),
  );
  readonly #pager = element("nav", { class: "pager", "aria-label": "Pages of images" });
  #images: readonly ImageListEntry[] = [];
  #first = 0;
  /** The results of transfers since the page was opened, by image id. */
  readonly #news = new Map<string, RowNews>();
  /** The number of the newest load; older ones stop. */
  #loading = 0;

  constructor(session: Session, download: (image: ImageListEntry) => unknown) {
    this.#session = session;
    this.#sizes = new ImageSizes(session.client);
    this.#actions = imageActions(session, download, (image) => this.#afterChange(image));
    const head = ["Name", "Size", "Created", "SHA-256", "Actions"].map((text) =>
      element("th", { scope: "col", class: text.toLowerCase() }, text),
    );
    this.#table = element(
      "table",
      { class: "card" },
      element("thead", {}, element("tr", {}, ...head)),
      this.#rows,
    );
    this.node = element(
      "section",
      { "aria-label": "Images" },
      element(
        "header",
        { class: "section" },
        this.#title,
        this.#count,
        this.#search,
        this.#order,
        button("Refresh", () => this.refresh()),
      ),
      this.#problem,
      this.#table,
      this.#none,
      this.#pager,
    );
  }

  /** Loads the list again, and shows the first images as soon as they arrive. Never rejects. */
  async refresh(): Promise<void> {
    const loading = ++this.#loading;
    const loaded: ImageListEntry[] = [];
    try {
      for await (const page of allImages(this.#session.client)) {
        if (loading !== this.#loading) return;
        loaded.push(...page);
        // While the rest is loading, the list does not get shorter.
        if (loaded.length >= this.#images.length) this.#take([...loaded]);
      }
      this.#take(loaded);
      say(this.#problem, "");
    } catch (error) {
      say(this.#problem, errorText(error));
    }
  }

  /** Whether an image of this name is known. */
  has(name: string): boolean {
    return this.#images.some((image) => image.name === name);
  }

  /** Shows the result of a transfer at its image's row, even if the search would hide that row. */
  async announce(news: RowNews, takesFocus: boolean): Promise<void> {
    const { id } = news;
    this.#news.set(id, news);
    await this.refresh();
    if (this.#rowOf(id) === null) {
      this.#search.value = "";
      this.#order.selectedIndex = 0;
      this.#showFrom(0);
    }
    if (takesFocus) this.#rowOf(id)?.querySelector<HTMLElement>("button")?.focus();
  }

  #rowOf(id: string): HTMLElement | null {
    return this.#rows.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  #take(images: readonly ImageListEntry[]): void {
    this.#images = images;
    this.#showFrom(this.#first);
  }

  #showFrom(first: number): void {
    const order = this.#order.value as Order;
    const found = foundImages(this.#images, this.#search.value, order);
    this.#first = first < found.length ? first : 0;
    const shown = found.slice(this.#first, this.#first + rowsOnPage);
    this.#sizes.wantNothing();
    const focused = focusedIn(this.#rows);
    this.#rows.replaceChildren(...shown.map((image) => this.#row(image)));
    if (focused !== null) this.#rows.querySelector<HTMLElement>(focused)?.focus();
    this.#table.hidden = shown.length === 0;
    this.#none.hidden = shown.length > 0;
    say(this.#none, this.#images.length === 0 ? "No images yet" : "No image matches the search.");
    for (const one of [this.#search, this.#order]) one.hidden = this.#images.length < 2;
    say(this.#count, countText(found.length, this.#images.length));
    this.#showPager(found.length);
  }

  #row(image: ImageListEntry): HTMLElement {
    const size = element("span", {}, "–");
    if (image.uploadStatus === "completed") {
      this.#sizes.want(image.id, (sizeBytes) => say(size, bytes(sizeBytes)));
    }
    return imageRow(image, size, this.#news.get(image.id) ?? null, this.#actions);
  }

  #showPager(count: number): void {
    this.#pager.hidden = count <= rowsOnPage;
    const [first, end] = [this.#first, Math.min(count, this.#first + rowsOnPage)];
    const turn = (text: string, to: number): HTMLButtonElement =>
      button(text, () => this.#turnTo(to), { disabled: to < 0 || to >= count });
    this.#pager.replaceChildren(
      turn("Previous", first - rowsOnPage),
      element("span", {}, `${number(first + 1)} to ${number(end)} of ${number(count)}`),
      turn("Next", first + rowsOnPage),
    );
  }

  #turnTo(first: number): void {
    this.#showFrom(first);
    this.#title.focus({ preventScroll: true });
    this.#title.scrollIntoView();
  }

  /** Moves the focus to the next image's menu if the focused image is gone. */
  async #afterChange({ id }: ImageListEntry): Promise<void> {
    const at = [...this.#rows.children].findIndex((row) => row.getAttribute("data-id") === id);
    await this.refresh();
    if (this.#rowOf(id) !== null) return;
    const row = this.#rows.children[Math.min(at, this.#rows.children.length - 1)];
    (row?.querySelector<HTMLElement>(".more") ?? this.#title).focus();
  }
}

/** Finds the focused element again after the rows were rebuilt. */
function focusedIn(rows: HTMLElement): string | null {
  const { activeElement } = document;
  const id = activeElement?.closest("tr")?.dataset["id"];
  if (id === undefined || !rows.contains(activeElement)) return null;
  const label = CSS.escape(activeElement?.getAttribute("aria-label") ?? "");
  return `[data-id="${CSS.escape(id)}"] [aria-label="${label}"]`;
}

const number = (count: number): string => count.toLocaleString("en");

function countText(found: number, all: number): string {
  if (all === 0) return "";
  return found === all ? number(all) : `${number(found)} of ${number(all)}`;
}
