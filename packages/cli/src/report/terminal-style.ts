/** What a terminal can show. */
export interface TerminalStyle {
  readonly color: boolean;
  readonly unicode: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Detects the style. See no-color.org; a locale that is not UTF-8 gets ASCII. */
export function terminalStyle(env: Env, platform: string): TerminalStyle {
  const color = !env["NO_COLOR"] && env["TERM"] !== "dumb";
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  const unicode = platform === "win32" ? Boolean(env["WT_SESSION"]) : /utf-?8/i.test(locale);
  return { color, unicode: unicode && env["TERM"] !== "linux" };
}

export type Color = "bold" | "dim" | "green" | "yellow";
export type Paint = (color: Color, text: string) => string;

/** The codes that switch each color on and off (ECMA-48). */
const codes: Readonly<Record<Color, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  green: [32, 39],
  yellow: [33, 39],
};

/** Returns a function that adds colors, or none. */
export function painter({ color }: TerminalStyle): Paint {
  return (name, text) => {
    if (!color || text === "") return text;
    const [on, off] = codes[name];
    return `\x1b[${on}m${text}\x1b[${off}m`;
  };
}
