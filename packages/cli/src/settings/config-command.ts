import { Command } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { withCommonOptions, withOutputOptions, type CommonFlags } from "./common-options.js";
import type { OutputFlags } from "../report/output.js";

const examples = `
Examples:
  img config                                  the settings, and where each comes from
  img config set server https://api.sfcompute.com
  img config get server
  img config path                             where the file is

A flag wins over the environment, and that over the file. No token is kept in it: it has the command that
prints one (token_command).
`;

export function configCommand(): Command {
  const command = new Command("config")
    .description("Show the settings, or read and change the configuration file.")
    .enablePositionalOptions()
    .addCommand(showCommand())
    .addCommand(pathCommand())
    .addCommand(getCommand())
    .addCommand(setCommand());
  return withCommonOptions(command).addHelpText("after", wrapped(examples)).action(show);
}

async function show(flags: CommonFlags): Promise<void> {
  const { showConfig } = await import("./edit-config.js");
  await showConfig(flags);
}

const showCommand = (): Command =>
  withCommonOptions(
    new Command("show")
      .summary("show the settings, as img config does")
      .description("Show the settings, and where each comes from."),
  ).action(show);

const pathCommand = (): Command =>
  withOutputOptions(
    new Command("path").summary("print where the file is").description("Print the file's path."),
  ).action(async (flags: OutputFlags) => {
    const { printPath } = await import("./edit-config.js");
    printPath(flags);
  });

const getCommand = (): Command =>
  withOutputOptions(
    new Command("get")
      .summary("print one value of the file")
      .description("Print one value of the configuration file.")
      .argument("<key>", "such as server"),
  ).action(async (key: string, flags: OutputFlags) => {
    const { printValue } = await import("./edit-config.js");
    await printValue(key, flags);
  });

const setCommand = (): Command =>
  withOutputOptions(
    new Command("set")
      .summary("write one value to the file")
      .description("Write one value to the configuration file. The other lines stay as they are.")
      .argument("<key>", "such as server")
      .argument("<value>", "such as https://api.sfcompute.com"),
  ).action(async (key: string, value: string, flags: OutputFlags) => {
    const { writeValue } = await import("./edit-config.js");
    await writeValue(key, value, flags);
  });
