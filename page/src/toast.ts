import { element, say } from "./element.js";

const shownMs = 4_000;
const toast = element("p", { class: "toast", role: "status" });
let hiding: ReturnType<typeof setTimeout> | undefined;

/** Returns the area for short messages, which screen readers read too. */
export const toastArea = (): HTMLElement => toast;

export function tell(news: string): void {
  clearTimeout(hiding);
  say(toast, news);
  hiding = setTimeout(() => say(toast, ""), shownMs);
}

/** Copies a text to the clipboard, and says so. */
export async function copy(text: string, what: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  tell(`Copied ${what}`);
}
