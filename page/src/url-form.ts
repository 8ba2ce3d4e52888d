import { openUrl } from "@img/browser-blob";
import { attempt } from "./attempt.js";
import { button, element, say } from "./element.js";
import type { Chosen } from "./files.js";
import { bytes } from "./words.js";

const input = element("input", {
  type: "url",
  required: true,
  "aria-label": "URL of a disk image",
  placeholder: "or paste a URL",
  autocomplete: "off",
  spellcheck: "false",
});

/**
 * Makes the field for a URL. A URL that is pasted anywhere on the page is taken too. The page itself fetches
 * it.
 */
export function urlForm(take: (files: readonly Chosen[]) => Promise<void>): HTMLElement {
  const status = element("p", { class: "quiet small", role: "status" });
  const add = button("Add", () => undefined, { type: "submit" });
  const form = element("form", { class: "url" }, input, add, status);
  const fetchIt = async (url: URL): Promise<void> => {
    add.disabled = true;
    try {
      const onFetched = (doneBytes: number, sizeBytes: number | null): void =>
        say(status, fetchedText(doneBytes, sizeBytes));
      const file = await openUrl(url, { onFetched });
      input.value = "";
      await take([file]);
    } finally {
      add.disabled = false;
      say(status, "");
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(() => fetchIt(new URL(input.value.trim())));
  });
  takePastes((text) => {
    input.value = text;
    form.requestSubmit();
  });
  return form;
}

/** Moves the focus to the field for a URL. */
export function askForUrl(): void {
  input.focus();
}

/** Describes what was fetched, in steps of ten percent, since screen readers read each change aloud. */
function fetchedText(doneBytes: number, sizeBytes: number | null): string {
  const how = "Fetching the whole file first, since its server does not support ranges";
  if (sizeBytes === null || sizeBytes === 0) return `${how}…`;
  return `${how}: ${Math.floor((doneBytes / sizeBytes) * 10) * 10}% of ${bytes(sizeBytes)}`;
}

function takePastes(take: (url: string) => void): void {
  document.addEventListener("paste", (event) => {
    if (event.target instanceof HTMLInputElement) return;
    const text = event.clipboardData?.getData("text/plain").trim() ?? "";
    if (!/^https?:\/\/\S+$/.test(text)) return;
    event.preventDefault();
    take(text);
  });
}
