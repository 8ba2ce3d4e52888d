import { Argument, Command } from "commander";
import type { CommandTable } from "../command-entry.js";

const examples = `
Examples:
  eval "$(img completion bash)"               in ~/.bashrc
  img completion zsh > ~/.zfunc/_img          in a folder of $fpath
  img completion fish > ~/.config/fish/completions/img.fish
`;

export function completionCommand(table: CommandTable): Command {
  return new Command("completion")
    .summary("print a completion script for a shell")
    .description("Print a script that completes commands and options.")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", examples)
    .action(async (shell: "bash" | "zsh" | "fish") => {
      const { completionScript } = await import("./completion.js");
      process.stdout.write(completionScript(shell, table));
    });
}
