import { Command } from "commander";
import { withOutputOptions } from "./common-options.js";
import type { OutputFlags } from "./output.js";

export interface ForgetFlags extends OutputFlags {
  readonly server?: string;
  readonly force?: boolean;
}

const examples = `
Examples:
  img transfers                               uploads that can go on, and who works on them
  img transfers forget debian-12              start that one anew the next time
`;

export function transfersCommand(): Command {
  const command = new Command("transfers")
    .summary("list unfinished uploads")
    .description("List unfinished uploads, or forget one.")
    .enablePositionalOptions()
    .addCommand(forgetCommand());
  return withOutputOptions(command)
    .addHelpText("after", examples)
    .action(async (flags: OutputFlags) => {
      const { listTransfers } = await import("./transfers.js");
      await listTransfers(flags);
    });
}

function forgetCommand(): Command {
  const command = new Command("forget")
    .summary("forget an unfinished upload")
    .description("Forget what is known of an unfinished upload. The image on the service stays.")
    .argument("<name>", "the image's name")
    .option("--server <url>", "where the same name is unfinished on several services")
    .option("--force", "also where a process that cannot be proven dead holds it");
  return withOutputOptions(command).action(async (name: string, flags: ForgetFlags) => {
    const { forgetTransfer } = await import("./transfers.js");
    await forgetTransfer(name, flags);
  });
}
