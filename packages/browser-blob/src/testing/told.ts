/** With its body as text, a character a byte: what goes between Node and a page is JSON. */
export type Told<Whole extends { readonly body: Uint8Array }> = Omit<Whole, "body"> & {
  readonly body: string;
};

export function told<Whole extends { readonly body: Uint8Array }>(whole: Whole): Told<Whole> {
  return { ...whole, body: textOf(whole.body) };
}

export function heard<Rest extends object>(one: Rest & { readonly body: string }) {
  return { ...one, body: bytesOf(one.body) };
}

/** A character a byte. */
export const textOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));
