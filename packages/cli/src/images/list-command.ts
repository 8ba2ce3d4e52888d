import { Command, Option } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { withCommonOptions, fromOne } from "../settings/common-options.js";
import type { ListFlags } from "./list-images.js";

const examples = `
Examples:
  img list                                    all images, newest first
  img list --limit 10
  img list --filter 'debian-*' --sort name
  img list --long                             with sizes
  img list --public                           the vendor's public images
  img list --json | jq -r .name
`;

export function listCommand(): Command {
  const command = new Command("list")
    .alias("ls")
    .description("List your images, newest first.")
    .optionsGroup("List:")
    .option("--limit <n>", "list at most this many", fromOne)
    .option(
      "--filter <text>",
      "only names that contain this text, or match a pattern such as 'debian-*'",
    )
    .addOption(
      new Option(
        "--sort <key>",
        "created: newest first; name; size: largest first [default: created]",
      ).choices(["created", "name", "size"]),
    )
    .option("-l, --long", "show sizes too; costs one call per image")
    .option("--deleted", "list deleted images too; only in version v2 of the API")
    .addOption(
      new Option("--public", "the vendor's public images").conflicts(["workspace", "deleted"]),
    );
  return withCommonOptions(command)
    .addHelpText("after", wrapped(examples))
    .action(async (flags: ListFlags) => {
      const { listImages } = await import("./list-images.js");
      await listImages(flags);
    });
}
