import { Argument, Command } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import type { Shell } from "./shell-scripts.js";

const examples = `
Examples:
  eval "$(img completion bash)"               in ~/.bashrc
  img completion zsh > ~/.zfunc/_img          in a folder of $fpath
  img completion fish > ~/.config/fish/completions/img.fish

Commands, options and their values, files, and the names of images and of unfinished uploads are completed.
Names of images are kept in ~/.cache/img for a minute; a service that does not answer at once is not waited for.
`;

export function completionCommand(): Command {
  return new Command("completion")
    .description("Print a script that completes commands, options, files and names.")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", wrapped(examples))
    .action(async (shell: Shell) => {
      const { shellScripts } = await import("./shell-scripts.js");
      process.stdout.write(shellScripts[shell]);
    });
}
