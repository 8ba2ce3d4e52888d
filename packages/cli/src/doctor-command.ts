import { Command } from "commander";
import { withCommonOptions, type CommonFlags } from "./common-options.js";

const help = `
It looks at the configuration, the service, the token, the clock, the folder where uploads are
remembered, and how fast this machine can make a digest. Nothing is changed.
`;

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .summary("check server, token, clock and disk")
    .description("Check what an upload from here needs, and what would limit it.");
  return withCommonOptions(command)
    .addHelpText("after", help)
    .action(async (flags: CommonFlags) => {
      const { examine } = await import("./doctor.js");
      process.exitCode = await examine(flags);
    });
}
