import { download, upload, type UploadImageOptions, type UploadInput } from "../index.js";
import { chosenFile, clientOf, copyToPrivate, privateFile, type Order } from "./transfer-page.js";

/** How a call ended, as Node can be told. */
type Told =
  | { readonly sha256: string; readonly sentBytes: number; readonly resumed: boolean }
  | { readonly code: string; readonly message: string };

const optionsOf = (order: Order): UploadImageOptions => ({
  ...order.options,
  client: clientOf(order),
  name: order.name,
});

async function told(
  work: () => Promise<{ sha256: string; sentBytes: number; resumed: boolean }>,
): Promise<Told> {
  try {
    const { sha256, sentBytes, resumed } = await work();
    return { sha256, sentBytes, resumed };
  } catch (error) {
    const { code = "NONE", message } = error as Error & { code?: string };
    return { code, message };
  }
}

const sourceOf = (file: File): UploadInput => ({
  label: "bytes of its own",
  sizeBytes: file.size,
  identity: { version: "1" },
  async read(offset, into) {
    into.set(new Uint8Array(await file.slice(offset, offset + into.length).arrayBuffer()));
  },
  check: async () => undefined,
});

/** Pieces of a length that fits into no part. */
async function* piecesOf(file: File): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += 1_000_003) {
    yield new Uint8Array(await file.slice(at, at + 1_000_003).arrayBuffer());
  }
}

async function handleOf(): Promise<FileSystemFileHandle> {
  await copyToPrivate("copy.img");
  return privateFile("copy.img");
}

const inputs = {
  file: chosenFile,
  handle: handleOf,
  source: () => sourceOf(chosenFile()),
  ReadableStream: () => chosenFile().stream(),
  generator: () => piecesOf(chosenFile()),
  URL: (url: string) => new URL(url),
};

/** Uploads the chosen file, or what is at the URL, given in this form. */
export const uploadAs = (order: Order, kind: keyof typeof inputs, url: string): Promise<Told> =>
  told(async () => upload(await inputs[kind](url), optionsOf(order)));

export function failAfterOnePart(order: Order): Promise<Told> {
  const stop = new AbortController();
  const onPart = (): void => stop.abort(new Error("paused"));
  const options = { ...optionsOf(order), onPart, signal: stop.signal };
  return told(() => upload(sourceOf(chosenFile()), options));
}

export const uploadFailing = (order: Order): Promise<Told> =>
  told(() =>
    upload(
      (async function* () {
        yield new Uint8Array(100);
        throw new Error("torn");
      })(),
      optionsOf(order),
    ),
  );

export const uploadWithoutName = (order: Order): Promise<Told> =>
  told(() => upload(chosenFile().stream(), { client: clientOf(order) }));

const hex = (hash: ArrayBuffer): string =>
  [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Downloads, and hashes what came. */
export async function downloadTo(
  order: Order,
  kind: "handle" | "WritableStream",
): Promise<{ sha256: string; sha256OfBytes: string }> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const handle = await privateFile("target.img");
  const output =
    kind === "handle"
      ? handle
      : new WritableStream<Uint8Array<ArrayBuffer>>({ write: (piece) => void pieces.push(piece) });
  const { sha256 } = await download(order.name, output, optionsOf(order));
  const blob = kind === "handle" ? await handle.getFile() : new Blob(pieces);
  const hash = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return { sha256, sha256OfBytes: hex(hash) };
}

export const downloadToFailing = (order: Order): Promise<Told> =>
  told(async () => {
    const output = new WritableStream<Uint8Array>({
      write: () => Promise.reject(new Error("full")),
    });
    const { sha256, resumed } = await download(order.name, output, optionsOf(order));
    return { sha256, sentBytes: 0, resumed };
  });
