import { tell } from "./toast.js";

/** Whether to offer a notification at the end: the transfer takes long, and the user was not asked yet. */
export const isNoticeUseful = (etaMs: number | null): boolean =>
  "Notification" in window && Notification.permission === "default" && (etaMs ?? 0) > 30_000;

/** Asks for the permission; call it at a click. */
export async function askForNotices(): Promise<void> {
  const answer = await Notification.requestPermission();
  tell(answer === "granted" ? "You will be notified" : "The browser allows no notifications here");
}

/** Shows a notification if it is allowed and the tab is in the background. */
export function notice(text: string): void {
  if (document.hidden && "Notification" in window && Notification.permission === "granted") {
    new Notification("Images", { body: text, icon: "./icon.svg" });
  }
}
