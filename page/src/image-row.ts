import type { ImageListEntry } from "@img/core/models";
import { button, element } from "./element.js";
import { isDownloadable, type ImageActions } from "./image-actions.js";
import { menuButton } from "./menu.js";
import type { RowNews } from "./row-news.js";
import { shortenedName } from "./shortened-name.js";
import { copy } from "./toast.js";
import { ago, date } from "./words.js";

/** The badge of each state except "completed". */
const badges = new Map(
  Object.entries({
    started: "Unfinished",
    uploading: "Unfinished",
    failed: "Failed",
    revoked: "Revoked",
  }),
);

/**
 * Makes the row of an image.
 *
 * @param size The node that shows the image's size once it is known.
 * @param news The result of a recent transfer of this image; null if there is none.
 */
export function imageRow(
  image: ImageListEntry,
  size: HTMLElement,
  news: RowNews | null,
  actions: ImageActions,
): HTMLElement {
  const { id, name, createdAt } = image;
  return element(
    "tr",
    { "data-name": name, "data-id": id, class: news === null ? "" : "fresh" },
    element("th", { scope: "row" }, shortenedName(name), badge(image), ...newsLines(news)),
    element("td", { class: "size" }, size),
    element("td", { class: "created" }, created(createdAt)),
    element("td", { class: "digest" }, ...digest(image)),
    element(
      "td",
      { class: "actions" },
      isDownloadable(image)
        ? button("Download", () => actions.download(image), { "aria-label": `Download ${name}` })
        : null,
      menuButton(`More actions for ${name}`, actions.menu(image)),
    ),
  );
}

function badge({ uploadStatus }: ImageListEntry): HTMLElement | null {
  if (uploadStatus === "completed") return null;
  const isBad = uploadStatus === "failed" || uploadStatus === "revoked";
  return element(
    "span",
    { class: isBad ? "badge bad" : "badge" },
    badges.get(uploadStatus) ?? uploadStatus,
  );
}

const newsLines = (news: RowNews | null): HTMLElement[] => [
  ...(news === null ? [] : [element("span", { class: "news" }, news.text)]),
  ...(news?.findings ?? []).map((text) => element("span", { class: "news bad" }, text)),
];

const created = (atSec: number): HTMLElement =>
  element(
    "time",
    { datetime: new Date(atSec * 1000).toISOString(), title: date(atSec) },
    ago(atSec, Date.now() / 1000),
  );

function digest({ name, sha256 }: ImageListEntry): HTMLElement[] {
  if (!sha256) return [];
  return [
    element("code", { title: sha256 }, `${sha256.slice(0, 12)}…`),
    button("Copy", () => copy(sha256, "the SHA-256"), {
      class: "quiet small",
      "aria-label": `Copy the SHA-256 of ${name}`,
    }),
  ];
}
