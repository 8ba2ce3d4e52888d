// Characters that take two columns in a terminal; precise enough for file names.
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Counts the columns of a text without escape sequences. */
export function textWidth(text: string): number {
  let columns = 0;
  for (const character of text) columns += wide.test(character) ? 2 : 1;
  return columns;
}

/** Replaces characters that control a terminal or reorder the text: control and bidi characters. */
export const printable = (text: string): string => text.replace(unprintable, "?");

/** Writes these characters as escapes in JSON, which does not change its meaning. */
export const escaped = (json: string): string =>
  json.replace(unprintable, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

const unprintable = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Shortens a text to this many columns. It loses its middle, since names differ at both ends. */
export function fitText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 1) return "…".slice(0, columns);
  const characters = Array.from(text);
  const tailColumns = Math.floor((columns - 1) / 2);
  const tail = take(characters.toReversed(), tailColumns).reverse().join("");
  const head = take(characters, columns - 1 - textWidth(tail)).join("");
  return `${head}…${tail}`;
}

function take(characters: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let left = columns;
  for (const character of characters) {
    left -= textWidth(character);
    if (left < 0) break;
    taken.push(character);
  }
  return taken;
}

export const asSentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);
