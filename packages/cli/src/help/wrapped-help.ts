import { Help, type AddHelpTextContext } from "commander";

/** Wraps the text under a command's options to the width of the options. Examples stay as they are. */
export const wrapped =
  (text: string) =>
  ({ command }: AddHelpTextContext): string =>
    reflow(text, command.configureOutput().getOutHelpWidth?.() ?? 80);

const reflow = (text: string, width: number): string =>
  text
    .split("\n\n")
    .map((block) => paragraph(block, width))
    .join("\n\n");

function paragraph(block: string, width: number): string {
  const lines = block.replace(/^\n|\n$/g, "").split("\n");
  if (lines.some((line) => line.startsWith("  ") || line.endsWith(":"))) return block;
  const [before = "", after = ""] = [/^\n*/.exec(block)?.[0], /\n*$/.exec(block)?.[0]];
  return before + new Help().boxWrap(lines.join(" "), width) + after;
}
