import { tell } from "./toast.js";

/** Whether a notification at the end would help, and the browser still has to ask for it. */
export const isNoticeUseful = (etaMs: number | null): boolean =>
  "Notification" in window && Notification.permission === "default" && (etaMs ?? 0) > 30_000;

/** At a click. */
export async function askForNotices(): Promise<void> {
  const answer = await Notification.requestPermission();
  tell(answer === "granted" ? "You will be notified" : "The browser allows no notifications here");
}

/** Tells somebody who works elsewhere, if that was allowed. */
export function notice(text: string): void {
  if (document.hidden && "Notification" in window && Notification.permission === "granted") {
    new Notification("Images", { body: text, icon: "./icon.svg" });
  }
}
