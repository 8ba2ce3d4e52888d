import { Command, Option } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { withCommonOptions } from "../settings/common-options.js";
import type { DeleteFlags } from "./delete-image.js";

const examples = `
Examples:
  img delete debian-11
  img delete image_4xYb2 --yes
`;

export function deleteCommand(): Command {
  const command = new Command("delete")
    .alias("rm")
    .description("Delete an image. It asks first; without a terminal it needs --yes.")
    .argument("<id-or-name>", "the image: an id or a resource path, or else a name")
    .optionsGroup("Delete:")
    .option("-y, --yes", "do not ask")
    .option("--by-name", "treat it as a name, even if it looks like an id")
    .addOption(new Option("--by-id", "treat it as an id").conflicts("byName"));
  return withCommonOptions(command)
    .addHelpText("after", wrapped(examples))
    .action(async (idOrName: string, flags: DeleteFlags) => {
      const { deleteImage } = await import("./delete-image.js");
      await deleteImage(idOrName, flags);
    });
}
