import { countsOf } from "./transfer-facts.js";
import type { Transfer } from "./transfer.js";

const plainTitle = document.title;
const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
const plainIcon = { href: icon?.href ?? "", type: icon?.type ?? "" };

/** Shows the progress of the running transfer in the tab's title and icon; null restores both. */
export function showInTab(running: Transfer | null): void {
  const percent = running && percentOf(running);
  const title = running === null ? plainTitle : `${percent}% ${running.task.name}`;
  if (title === document.title) return;
  document.title = title;
  if (icon === null) return;
  Object.assign(icon, percent === null ? plainIcon : { href: pie(percent), type: "image/png" });
}

function percentOf(transfer: Transfer): number {
  const { movedBytes, sizeBytes } = countsOf(transfer);
  return sizeBytes === 0 ? 0 : Math.floor((movedBytes / sizeBytes) * 100);
}

const side = 32;

/** Draws the icon, in colours that are visible on a light and on a dark tab bar. */
function pie(percent: number): string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  if (context === null) return plainIcon.href;
  const middle = side / 2;
  const slice = (share: number, colour: string): void => {
    context.fillStyle = colour;
    context.beginPath();
    context.moveTo(middle, middle);
    context.arc(middle, middle, middle, -Math.PI / 2, (share * 2 - 0.5) * Math.PI);
    context.fill();
  };
  slice(1, "#b9bff5");
  slice(percent / 100, "#4653c8");
  return canvas.toDataURL();
}
