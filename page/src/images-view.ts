import type { SfcCore } from "@img/core/core.js";
import { imagesDelete } from "@img/core/funcs/images-delete.js";
import { imagesList } from "@img/core/funcs/images-list.js";
import type { ImageListEntry } from "@img/core/models";
import { button, element } from "./element.js";
import { date, errorText } from "./words.js";

/** The account's images, the newest first. */
export class ImagesView {
  readonly node: HTMLElement;
  readonly #client: SfcCore;
  readonly #download: (name: string) => unknown;
  readonly #rows = element("tbody");
  readonly #table = element("table");
  readonly #problem = element("p", { class: "problem", role: "alert", hidden: true });
  readonly #none = element("p", { class: "none quiet", hidden: true }, "No images yet.");
  readonly #more = button("Show more", () => this.#load(this.#cursor), { hidden: true });
  #cursor: string | null = null;

  constructor(client: SfcCore, download: (name: string) => unknown) {
    this.#client = client;
    this.#download = download;
    const head = ["Name", "State", "Created", "SHA-256"].map((text) =>
      element("th", { scope: "col" }, text),
    );
    const actions = element(
      "th",
      { scope: "col" },
      element("span", { class: "visually-hidden" }, "Actions"),
    );
    this.#table.append(element("thead", {}, element("tr", {}, ...head, actions)), this.#rows);
    const title = element(
      "header",
      { class: "section" },
      element("h2", {}, "All images"),
      button("Refresh", () => this.refresh()),
    );
    this.node = element(
      "section",
      { "aria-label": "Images" },
      title,
      this.#problem,
      element(
        "div",
        { class: "card table", tabindex: "0", role: "region", "aria-label": "Table of images" },
        this.#table,
        this.#none,
      ),
      this.#more,
    );
  }

  refresh(): Promise<void> {
    return this.#load(null);
  }

  /** @param after Null: from the newest on, in the place of what is shown. */
  async #load(after: string | null): Promise<void> {
    const { value, error } = await imagesList(this.#client, {
      limit: 50,
      ...(after !== null && { startingAfter: after }),
    });
    this.#tell(error);
    if (error !== undefined) return;
    const { data, cursor = null, hasMore } = value.result;
    const rows = data.map((image) => this.#row(image));
    if (after === null) this.#rows.replaceChildren(...rows);
    else this.#rows.append(...rows);
    this.#cursor = cursor;
    this.#more.hidden = !hasMore;
    this.#none.hidden = this.#rows.childElementCount > 0;
    this.#table.hidden = !this.#none.hidden;
  }

  #tell(error: unknown): void {
    this.#problem.hidden = error === undefined;
    this.#problem.textContent = error === undefined ? "" : errorText(error);
  }

  #row(image: ImageListEntry): HTMLElement {
    const { id, name, uploadStatus, createdAt, sha256 } = image;
    const complete = uploadStatus === "completed";
    return element(
      "tr",
      { "data-name": name },
      element("th", { scope: "row", title: id }, name),
      element("td", {}, element("span", { class: `badge ${uploadStatus}` }, uploadStatus)),
      element("td", {}, date(createdAt)),
      element(
        "td",
        {},
        sha256 ? element("code", { title: sha256 }, `${sha256.slice(0, 12)}…`) : "–",
      ),
      element(
        "td",
        { class: "buttons" },
        complete
          ? button("Download", () => this.#download(name), { "aria-label": `Download ${name}` })
          : null,
        button("Delete", () => this.#confirmDelete(image), {
          class: "quiet",
          "aria-label": `Delete ${name}`,
        }),
      ),
    );
  }

  #confirmDelete({ id, name }: ImageListEntry): void {
    const dialog = element("dialog", { "aria-labelledby": "delete-title" });
    const doIt = async (): Promise<void> => {
      dialog.close();
      const { error } = await imagesDelete(this.#client, { id });
      this.#tell(error);
      if (error === undefined) await this.refresh();
    };
    dialog.append(
      element("h2", { id: "delete-title" }, `Delete ${name}?`),
      element("p", {}, "Nodes that boot from it will not find it any more. This cannot be undone."),
      element(
        "div",
        { class: "buttons" },
        button("Keep it", () => dialog.close(), { autofocus: true }),
        button("Delete", doIt, { class: "danger" }),
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
}
