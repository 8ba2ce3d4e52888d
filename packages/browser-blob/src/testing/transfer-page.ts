import { SfcCore } from "@img/core/core.js";
import type { TransferProgress } from "@img/transfer";
import {
  downloadImage,
  forgetUpload,
  listTransfers,
  openUrl,
  uploadImage,
  type UploadImageOptions,
} from "../index.js";
import { done, openDatabase } from "../indexed-db.js";

/** What Node tells the page to do. */
export interface Order {
  readonly server: string;
  readonly token: string;
  readonly name: string;
  readonly options: Omit<UploadImageOptions, "client" | "name" | "signal" | "onProgress">;
}

/** How a transfer ended, as Node can be told. */
export type Outcome =
  | { readonly sha256: string; readonly movedBytes: number; readonly resumed: boolean }
  | { readonly code: string; readonly message: string };

/** The last transfer that was begun here. */
let running: Promise<Outcome> = Promise.resolve({ code: "NOTHING", message: "nothing began" });
let stop = new AbortController();
let seen: TransferProgress | null = null;

/** Speaks preview where the order names a workspace. */
export const clientOf = ({ server, token, options }: Order): SfcCore =>
  new SfcCore({
    serverURL: server,
    bearerAuth: token,
    apiVersion: options.workspace === undefined ? "v2" : "preview",
  });

export function beginUpload(order: Order, image: Blob | FileSystemFileHandle): void {
  running = outcomeOf(async () => {
    const { sha256, sentBytes, resumed } = await uploadImage(image, optionsOf(order));
    return { sha256, movedBytes: sentBytes, resumed };
  });
}

export function beginUploadOfUrl(order: Order, url: string): void {
  running = outcomeOf(async () => {
    const image = await openUrl(new URL(url));
    const { sha256, sentBytes, resumed } = await uploadImage(image, optionsOf(order));
    return { sha256, movedBytes: sentBytes, resumed };
  });
}

export function beginDownload(order: Order, target: FileSystemFileHandle): void {
  running = outcomeOf(async () => {
    const { sha256, receivedBytes, resumed } = await downloadImage(
      order.name,
      target,
      optionsOf(order),
    );
    return { sha256, movedBytes: receivedBytes, resumed };
  });
}

function optionsOf(order: Order): UploadImageOptions & { name: string } {
  stop = new AbortController();
  seen = null;
  return {
    ...order.options,
    client: clientOf(order),
    name: order.name,
    signal: stop.signal,
    onProgress: (progress) => {
      seen = progress;
    },
  };
}

async function outcomeOf(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    const { code = "NONE", message } = error as Error & { code?: string };
    return { code, message };
  }
}

export const outcome = (): Promise<Outcome> => running;
export const partsDone = (): number => seen?.partsDone ?? 0;
export const progress = (): TransferProgress | null => seen;
export const abort = (): void => stop.abort(new Error("paused"));

export function chosenFile(): File {
  const file = document.querySelector("input")?.files?.[0];
  if (file === undefined) throw new Error("no file was chosen");
  return file;
}

/** A file of the private file system, which has a handle that can be kept. */
export async function privateFile(name: string): Promise<FileSystemFileHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getFileHandle(name, { create: true });
}

export async function copyToPrivate(name: string): Promise<void> {
  const handle = await privateFile(name);
  await chosenFile()
    .stream()
    .pipeTo(await handle.createWritable());
}

export async function sha256OfPrivate(name: string): Promise<string> {
  const bytes = await (await (await privateFile(name)).getFile()).arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Names of everything in the private file system, part files among them. */
export async function privateNames(): Promise<string[]> {
  const names: string[] = [];
  const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
    const entries = folder as unknown as { values(): AsyncIterable<FileSystemHandle> };
    for await (const entry of entries.values()) {
      if (entry.kind === "file") names.push(path + entry.name);
      else await walk(entry as FileSystemDirectoryHandle, `${path}${entry.name}/`);
    }
  };
  await walk(await navigator.storage.getDirectory(), "");
  return names;
}

/** Everything that stands in the origin's databases, as one text. */
export async function storedText(): Promise<string> {
  const db = await openDatabase();
  try {
    const names = [...db.objectStoreNames];
    const reading = db.transaction(names);
    const rows = await Promise.all(
      names.map((name) => done(reading.objectStore(name).getAll() as IDBRequest<unknown[]>)),
    );
    const text = (_: string, value: unknown): unknown =>
      value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
    return JSON.stringify(rows, text);
  } finally {
    db.close();
  }
}

export { forgetUpload, listTransfers };
