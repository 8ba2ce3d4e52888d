import type { Argument, Command, Option } from "commander";
import type { CommandTable } from "../command-entry.js";
import { printEvent } from "../report/output.js";

/** `img help --json`: prints each command with its arguments, options, defaults and examples, one a line. */
export function describeCommands(table: CommandTable): void {
  for (const { summary, make } of Object.values(table)) {
    const command = make().summary(summary);
    printDescription(command, command.name());
    for (const sub of command.commands) printDescription(sub, `${command.name()} ${sub.name()}`);
  }
}

function printDescription(command: Command, name: string): void {
  printEvent(
    { json: true },
    {
      event: "command",
      name,
      aliases: command.aliases(),
      summary: command.summary(),
      description: command.description(),
      arguments: command.registeredArguments.map(argument),
      options: command.options.filter(({ hidden }) => !hidden).map(option),
      examples: examplesOf(command),
    },
  );
}

const argument = (one: Argument): object => ({
  name: one.name(),
  required: one.required,
  variadic: one.variadic,
  ...(one.argChoices && { choices: one.argChoices }),
  ...described(one.description),
});

const option = (one: Option): object => ({
  flag: one.long,
  ...(one.short && { short: one.short }),
  value: /[<[](.+)[>\]]/.exec(one.flags)?.[1] ?? null,
  ...(one.argChoices && { choices: one.argChoices }),
  ...(one.envVar && { variable: one.envVar }),
  group: (one.helpGroupHeading ?? "").replace(/:$/, ""),
  ...described(one.description),
  ...(one.defaultValue !== undefined && { default: String(one.defaultValue) }),
});

/** Splits an option's description from its default, which is at the end: `[default: 16M]`. */
function described(text: string): object {
  const [, description = text, value] = /^(.*?) ?\[default: (.*)\]$/.exec(text) ?? [];
  return { description, ...(value !== undefined && { default: value }) };
}

/** Returns the examples in the text under the options, which look like `  img … …   what it does`. */
function examplesOf(command: Command): readonly object[] {
  let text = "";
  command.configureOutput({ writeOut: (more) => void (text += more) }).outputHelp();
  return text
    .split("\n")
    .filter((line) => /^ {2}\S/.test(line) && /\bimg /.test(line))
    .map((line) => line.trim().split(/ {2,}/))
    .map(([given = "", what]) => ({ command: given, ...(what !== undefined && { what }) }));
}
