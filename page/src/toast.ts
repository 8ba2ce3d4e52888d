import { element, say } from "./element.js";

const shownMs = 4_000;
const toast = element("p", { class: "toast", role: "status" });
let hiding: ReturnType<typeof setTimeout> | undefined;

/** The area where short messages appear for a moment; screen readers read them too. */
export const toastArea = (): HTMLElement => toast;

export function tell(news: string): void {
  clearTimeout(hiding);
  say(toast, news);
  hiding = setTimeout(() => say(toast, ""), shownMs);
}

/** Puts a text into the clipboard, and says so. */
export async function copy(text: string, what: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  tell(`Copied ${what}`);
}
