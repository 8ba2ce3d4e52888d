import type { ImageListEntry } from "@img/core/models";
import { formatBytes } from "../report/bytes.js";
import { counted } from "../report/counted.js";
import { clientOf } from "../settings/client.js";
import type { CommonFlags } from "../settings/common-options.js";
import { formatAge } from "../report/durations.js";
import { findImage } from "./find-image.js";
import { sizeOf } from "./image-size.js";
import { printEvent, printText } from "../report/output.js";
import { readSettings } from "../settings/settings.js";

/** Prints what the service knows about one image. */
export async function showImage(idOrName: string, flags: CommonFlags): Promise<void> {
  const client = await clientOf(await readSettings(flags));
  const image = await findImage(client, idOrName);
  const sizeBytes = await sizeOf(client, image);
  printEvent(flags, { ...image, sizeBytes });
  const rows = rowsOf(image, sizeBytes);
  const width = Math.max(...rows.map(([label]) => label.length)) + 1;
  for (const [label, value] of rows) printText(flags, label.padEnd(width) + value);
}

function rowsOf(image: ImageListEntry, sizeBytes: number | null): [string, string][] {
  const { name, id, uploadStatus, createdAt, sha256, provider } = image;
  const { resourcePath, version, isPublic, deprecatedAt } = image;
  const created = new Date(createdAt * 1000).toISOString();
  const rows: [string, string | null][] = [
    ["name", name],
    ["id", id],
    ["status", uploadStatus],
    [
      "size",
      sizeBytes === null ? null : `${formatBytes(sizeBytes)} (${counted(sizeBytes, "byte")})`,
    ],
    ["created", `${created}, ${formatAge(Date.now() / 1000 - createdAt)}`],
    ["sha256", sha256 ?? null],
    ["provider", provider ?? null],
    ["path", resourcePath ?? null],
    ["version", version ? String(version) : null], // 0 is unreported
    ["public", isPublic ? "yes" : null],
    ["deprecated", deprecatedAt ? new Date(deprecatedAt * 1000).toISOString() : null],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}
