import { Command } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { withCommonOptions, type CommonFlags } from "../settings/common-options.js";

const examples = (verb: string): string => `
Examples:
  img ${verb} debian-12
  img ${verb} image_4xYb2
  img ${verb} sfc:image:acme:default:debian-12
`;

export function revokeCommand(): Command {
  const command = new Command("revoke").description(
    "Stop new instances from using a complete image. Running ones are not affected, and reinstate undoes it.",
  );
  return withAction(command, async (image, flags) => {
    const { revokeImage } = await import("./revoke-image.js");
    await revokeImage(image, flags);
  });
}

export function reinstateCommand(): Command {
  const command = new Command("reinstate").description(
    "Let new instances use a revoked image again.",
  );
  return withAction(command, async (image, flags) => {
    const { reinstateImage } = await import("./revoke-image.js");
    await reinstateImage(image, flags);
  });
}

const withAction = (
  command: Command,
  action: (image: string, flags: CommonFlags) => Promise<void>,
): Command =>
  withCommonOptions(
    command.argument("<image>", "the image: an id or a resource path, or else a name"),
  )
    .addHelpText("after", wrapped(examples(command.name())))
    .action(action);
