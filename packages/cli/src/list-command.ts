import { Command } from "commander";
import { withCommonOptions, fromOne, type CommonFlags } from "./common-options.js";

export interface ListFlags extends CommonFlags {
  readonly limit?: number;
  readonly deleted?: boolean;
}

const examples = `
Examples:
  img list                                    all images, newest first
  img list --limit 10
  img list --json | jq -r .name
`;

export function listCommand(): Command {
  const command = new Command("list")
    .alias("ls")
    .summary("list images")
    .description("List your images, newest first.")
    .option("--limit <n>", "at most so many", fromOne)
    .option("--deleted", "deleted ones too");
  return withCommonOptions(command)
    .addHelpText("after", examples)
    .action(async (flags: ListFlags) => {
      const { listImages } = await import("./actions.js");
      await listImages(flags);
    });
}
