import { Command } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { withCommonOptions, type CommonFlags } from "../settings/common-options.js";

const examples = `
Examples:
  img show debian-12
  img show sfc:image:acme:default:debian-12   by its resource path
  img show image_4xYb2 --json | jq -r .sha256
`;

export function showCommand(): Command {
  const command = new Command("show")
    .description("Show the details of one image.")
    .argument("<id-or-name>", "the image: an id or a resource path, or else a name");
  return withCommonOptions(command)
    .addHelpText("after", wrapped(examples))
    .action(async (idOrName: string, flags: CommonFlags) => {
      const { showImage } = await import("./show-image.js");
      await showImage(idOrName, flags);
    });
}
